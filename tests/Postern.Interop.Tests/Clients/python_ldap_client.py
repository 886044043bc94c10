"""python-ldap (python3-ldap). Prints "STEP ok" or "STEP failed: why" for each step. Settings: see InteropClient.cs."""
import os

import ldap
import ldap.modlist
import ldap.schema
import ldap.syncrepl
from ldap.controls import SimplePagedResultsControl
from ldap.controls.readentry import PostReadControl
from ldap.controls.simple import ManageDSAITControl
from ldap.controls.libldap import AssertionControl

BASE, DN, PASSWORD = os.environ["BASE"], os.environ["BIND_DN"], os.environ["BIND_PW"]
ME = "cn=python-ldap,ou=work," + BASE
MOVED = "cn=moved python-ldap,ou=moved," + BASE


def step(name, run):
    try:
        said = run()
        print(name, "ok" if said in (True, None) or isinstance(said, tuple) else f"failed: {said!r}")
    except Exception as e:  # whatever it is, the next step is tried
        print(name, f"failed: {type(e).__name__}: {e}".replace("\n", " "))


def raises(kind, run):
    try:
        run()
    except kind:
        return True
    return f"no {kind.__name__}"


def connect(url, authority):
    connection = ldap.initialize(url)
    connection.set_option(ldap.OPT_X_TLS_CACERTFILE, authority)
    connection.set_option(ldap.OPT_X_TLS_REQUIRE_CERT, ldap.OPT_X_TLS_DEMAND)
    connection.set_option(ldap.OPT_X_TLS_NEWCTX, 0)
    return connection


c = connect(os.environ["LDAP_URL"], os.environ["CA"])


def paged():
    control = SimplePagedResultsControl(True, size=170, cookie="")
    found = []
    while True:
        asked = c.search_ext("ou=people," + BASE, ldap.SCOPE_SUBTREE, "(objectClass=inetOrgPerson)", ["cn"], serverctrls=[control])
        _, entries, _, controls = c.result3(asked)
        found += [dn for dn, _ in entries]
        [answer] = [x for x in controls if x.controlType == SimplePagedResultsControl.controlType]
        if not answer.cookie:
            return len(set(found)) == int(os.environ["PEOPLE"]) or len(found)
        control.cookie = answer.cookie


def modify():
    changes = [(ldap.MOD_REPLACE, "description", [b"second"]), (ldap.MOD_ADD, "mail", [b"a@example.com", b"b@example.com"]), (ldap.MOD_DELETE, "mail", [b"b@example.com"])]
    asked = c.modify_ext(ME, changes, serverctrls=[PostReadControl(criticality=True, attrList=["description"])])
    _, _, _, controls = c.result3(asked)
    return controls[0].entry["description"] in (["second"], [b"second"]) or controls[0].entry


def asserted():
    control = AssertionControl(True, "(description=first)")
    return raises(ldap.ASSERTION_FAILED, lambda: c.modify_ext_s(ME, [(ldap.MOD_DELETE, "description", None)], serverctrls=[control]))


def read_back():
    [(_, e)] = c.search_s(MOVED, ldap.SCOPE_BASE, "(objectClass=*)", ["*", "+"])
    return e["description"] == [b"second"] and e["mail"] == [b"a@example.com"] and e["cn"] == [b"moved python-ldap"] and "entryUUID" in e


def schema():
    name = c.search_subschemasubentry_s(BASE)
    s = ldap.schema.SubSchema(c.read_subschemasubentry_s(name))
    must, may = s.attribute_types(["inetOrgPerson"])
    return "cn" in [a.names[0] for a in must.values() if a] and s.get_obj(ldap.schema.AttributeType, "mail") is not None


class Copy(ldap.ldapobject.SimpleLDAPObject, ldap.syncrepl.SyncreplConsumer):
    """A copy of what a search finds, kept by content synchronization (RFC 4533)."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.cookie, self.entries, self.present, self.refreshed = None, {}, set(), False

    def syncrepl_get_cookie(self):
        return self.cookie

    def syncrepl_set_cookie(self, cookie):
        self.cookie = cookie

    def syncrepl_entry(self, dn, attributes, uuid):
        self.entries[uuid] = (dn, attributes)
        self.present.add(uuid)

    def syncrepl_delete(self, uuids):
        for uuid in uuids:
            self.entries.pop(uuid, None)

    def syncrepl_present(self, uuids, refreshDeletes=False):
        if uuids is not None:
            self.present.update(uuids)
        elif not refreshDeletes:
            self.entries = {u: e for u, e in self.entries.items() if u in self.present}

    def syncrepl_refreshdone(self):
        self.refreshed = True

    def until(self, asked, done):
        """Polls until something is true of the copy; a server that says nothing for 20 s has forgotten us."""
        while not done():
            self.syncrepl_poll(asked, timeout=20, all=0)
        return True


SYNC_BASE = "ou=work," + BASE
SYNCED = "cn=synced," + SYNC_BASE


def persist():
    copy = Copy(os.environ["LDAP_URL"])
    copy.simple_bind_s(DN, PASSWORD)
    asked = copy.syncrepl_search(SYNC_BASE, ldap.SCOPE_SUBTREE, "refreshAndPersist", filterstr="(objectClass=*)")
    copy.until(asked, lambda: copy.refreshed)
    before = len(copy.entries)
    c.add_s(SYNCED, [("objectClass", [b"inetOrgPerson"]), ("cn", [b"synced"]), ("sn", [b"S"])])
    copy.until(asked, lambda: len(copy.entries) == before + 1)
    c.modify_s(SYNCED, [(ldap.MOD_ADD, "description", [b"changed"])])
    copy.until(asked, lambda: any(e.get("description") == [b"changed"] for _, e in copy.entries.values()))
    c.delete_s(SYNCED)
    copy.until(asked, lambda: len(copy.entries) == before)
    copy.unbind_s()


def refresh():
    copy = Copy(os.environ["LDAP_URL"])
    copy.simple_bind_s(DN, PASSWORD)

    def run():
        copy.present = set()
        asked = copy.syncrepl_search(SYNC_BASE, ldap.SCOPE_SUBTREE, "refreshOnly", cookie=copy.cookie, filterstr="(objectClass=*)")
        while copy.syncrepl_poll(asked, timeout=20, all=1):
            pass
        return sorted(dn for dn, _ in copy.entries.values())

    first = run()
    c.add_s(SYNCED, [("objectClass", [b"inetOrgPerson"]), ("cn", [b"synced"]), ("sn", [b"S"])])
    second = run()
    c.delete_s(SYNCED)
    third = run()
    return (copy.cookie is not None and first == third and second == sorted([SYNCED] + first)) or [first, second, third]


def starttls(authority):
    t = connect(os.environ["LDAP_URL"], authority)
    t.start_tls_s()
    t.simple_bind_s(DN, PASSWORD)
    return t.whoami_s() == "dn:" + DN


def ldaps(authority):
    t = connect(os.environ["LDAPS_URL"], authority)
    t.simple_bind_s(DN, PASSWORD)
    return t.whoami_s() == "dn:" + DN


step("bind", lambda: c.simple_bind_s(DN, PASSWORD))
step("bind-refused", lambda: raises(ldap.INVALID_CREDENTIALS, lambda: connect(os.environ["LDAP_URL"], os.environ["CA"]).simple_bind_s(DN, "wrong")))
step("root-dse", lambda: BASE.encode() in c.search_s("", ldap.SCOPE_BASE, attrlist=["+"])[0][1]["namingContexts"])
step("schema", schema)
step("paged-search", paged)
step("add", lambda: c.add_s(ME, ldap.modlist.addModlist({"objectClass": [b"inetOrgPerson"], "cn": [b"python-ldap"], "sn": [b"P"], "description": [b"first"]})))
step("add-again", lambda: raises(ldap.ALREADY_EXISTS, lambda: c.add_s(ME, [("objectClass", [b"inetOrgPerson"]), ("cn", [b"python-ldap"]), ("sn", [b"P"])])))
step("modify", modify)
step("modify-asserted-wrong", asserted)
step("compare-true", lambda: c.compare_s(ME, "mail", b"A@EXAMPLE.com"))
step("compare-false", lambda: not c.compare_s(ME, "mail", b"b@example.com"))
step("rename", lambda: c.rename_s(ME, "cn=moved python-ldap"))
step("rename-to-new-parent", lambda: c.rename_s("cn=moved python-ldap,ou=work," + BASE, "cn=moved python-ldap", "ou=moved," + BASE))
step("read-renamed", read_back)
step("sync-refresh", refresh)
step("sync-persist", persist)
step("delete", lambda: c.delete_ext_s(MOVED, serverctrls=[ManageDSAITControl()]))
step("delete-missing", lambda: raises(ldap.NO_SUCH_OBJECT, lambda: c.delete_s(MOVED)))
step("whoami", lambda: c.whoami_s() == "dn:" + DN)
step("starttls", lambda: starttls(os.environ["CA"]))
step("ldaps", lambda: ldaps(os.environ["CA"]))
step("starttls-wrong-ca", lambda: raises(ldap.CONNECT_ERROR, lambda: starttls(os.environ["OTHER_CA"])))
step("ldaps-wrong-ca", lambda: raises(ldap.SERVER_DOWN, lambda: ldaps(os.environ["OTHER_CA"])))
