// ldapts on Node. Prints "STEP ok" or "STEP failed: why" for each step. Settings: see InteropClient.cs.
import { readFileSync } from 'node:fs';
import {
  AlreadyExistsError, Attribute, Change, Client, InvalidCredentialsError, NoSuchObjectError,
} from 'ldapts';

const { BASE, BIND_DN, BIND_PW, LDAP_URL, LDAPS_URL, CA, OTHER_CA, PEOPLE, SUBSCHEMA } = process.env;
const me = `cn=ldapts,ou=work,${BASE}`;
const moved = `cn=moved ldapts,ou=moved,${BASE}`;
const whoAmI = '1.3.6.1.4.1.4203.1.11.3';

async function step(name, run) {
  try {
    const said = await run();
    console.log(name, said === true || said === undefined ? 'ok' : `failed: ${JSON.stringify(said)}`);
  } catch (e) {
    console.log(name, `failed: ${e.name}: ${e.message}`.replaceAll('\n', ' '));
  }
}

async function throws(kind, run) {
  try {
    await run();
  } catch (e) {
    return e instanceof kind || `${e.name}: ${e.message}`;
  }
  return `no ${kind.name}`;
}

const options = (authority) => ({ ca: readFileSync(authority), host: '127.0.0.1' });
const c = new Client({ url: LDAP_URL });

async function identity(client) {
  await client.bind(BIND_DN, BIND_PW);
  const { value } = await client.exop(whoAmI);
  await client.unbind();
  return value === `dn:${BIND_DN}` || value;
}

async function starttls(authority) {
  const t = new Client({ url: LDAP_URL });
  await t.startTLS(options(authority));
  return identity(t);
}

const ldaps = (authority) => identity(new Client({ url: LDAPS_URL, tlsOptions: options(authority) }));

async function unverified(run) {
  try {
    await run(OTHER_CA);
  } catch (e) {
    return /certificate|self-signed/.test(e.message) || e.message;
  }
  return 'it was believed';
}

async function one(dn, attributes, scope = 'base') {
  const { searchEntries } = await c.search(dn, { scope, filter: '(objectClass=*)', attributes });
  return searchEntries[0];
}

await step('bind', () => c.bind(BIND_DN, BIND_PW));
await step('bind-refused', () => throws(InvalidCredentialsError, () => new Client({ url: LDAP_URL }).bind(BIND_DN, 'wrong')));
await step('root-dse', async () => [(await one('', ['+'])).namingContexts].flat().includes(BASE));
await step('schema', async () => (await one(SUBSCHEMA, ['objectClasses'])).objectClasses.some((o) => o.includes("NAME 'inetOrgPerson'")));
await step('paged-search', async () => {
  const found = new Set();
  const pages = c.searchPaginated(`ou=people,${BASE}`, { filter: '(objectClass=inetOrgPerson)', attributes: ['cn'], paged: { pageSize: 110 } });
  for await (const { searchEntries } of pages) {
    searchEntries.forEach((e) => found.add(e.dn));
  }
  return found.size === Number(PEOPLE) || found.size;
});
await step('add', () => c.add(me, { objectClass: 'inetOrgPerson', cn: 'ldapts', sn: 'Node', description: 'first' }));
await step('add-again', () => throws(AlreadyExistsError, () => c.add(me, { objectClass: 'inetOrgPerson', cn: 'ldapts', sn: 'Node' })));
const change = (operation, type, values) => new Change({ operation, modification: new Attribute({ type, values }) });
await step('modify', () => c.modify(me, [
  change('replace', 'description', ['second']), change('add', 'mail', ['a@example.com', 'b@example.com']), change('delete', 'mail', ['b@example.com']),
]));
await step('compare-true', () => c.compare(me, 'mail', 'A@EXAMPLE.com'));
await step('compare-false', async () => !(await c.compare(me, 'mail', 'b@example.com')));
await step('rename', () => c.modifyDN(me, 'cn=moved ldapts'));
await step('rename-to-new-parent', () => c.modifyDN(`cn=moved ldapts,ou=work,${BASE}`, moved));
await step('read-renamed', async () => {
  const e = await one(moved, ['*', '+']);
  return (e.description === 'second' && e.mail === 'a@example.com' && e.cn === 'moved ldapts' && 'entryUUID' in e) || e;
});
await step('delete', () => c.del(moved));
await step('delete-missing', () => throws(NoSuchObjectError, () => c.del(moved)));
await step('whoami', async () => (await c.exop(whoAmI)).value === `dn:${BIND_DN}`);
await c.unbind();
await step('starttls', () => starttls(CA));
await step('ldaps', () => ldaps(CA));
await step('starttls-wrong-ca', () => unverified(starttls));
await step('ldaps-wrong-ca', () => unverified(ldaps));
process.exit(0);
