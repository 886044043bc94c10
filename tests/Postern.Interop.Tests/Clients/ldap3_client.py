"""ldap3 (python3-ldap3). Prints "STEP ok" or "STEP failed: why" for each step. Settings: see InteropClient.cs."""
import os
import ssl

import ldap3
from ldap3.core.exceptions import LDAPException

BASE, DN, PASSWORD = os.environ["BASE"], os.environ["BIND_DN"], os.environ["BIND_PW"]
ME = "cn=ldap3,ou=work," + BASE
MOVED = "cn=moved ldap3,ou=moved," + BASE


def step(name, run):
    try:
        said = run()
        print(name, "ok" if said in (True, None) else f"failed: {said!r}")
    except Exception as e:  # whatever it is, the next step is tried
        print(name, f"failed: {type(e).__name__}: {e}".replace("\n", " "))


def server(url, authority):
    tls = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=authority)
    return ldap3.Server(url, use_ssl=url.startswith("ldaps"), tls=tls, get_info=ldap3.ALL)


plain = server(os.environ["LDAP_URL"], os.environ["CA"])
c = ldap3.Connection(plain, DN, PASSWORD, raise_exceptions=False)


def paged():
    found = list(c.extend.standard.paged_search("ou=people," + BASE, "(objectClass=inetOrgPerson)", attributes=["cn"], paged_size=150, generator=True))
    return len({e["dn"] for e in found}) == int(os.environ["PEOPLE"]) or len(found)


def refused():
    return ldap3.Connection(plain, DN, "wrong").bind() is False


def modify():
    changes = {
        "description": [(ldap3.MODIFY_REPLACE, ["second"])],
        "mail": [(ldap3.MODIFY_ADD, ["a@example.com", "b@example.com"]), (ldap3.MODIFY_DELETE, ["b@example.com"])],
    }
    return c.modify(ME, changes) or c.result


def read_back():
    c.search(MOVED, "(objectClass=*)", ldap3.BASE, attributes=["*", "+"])
    e = c.entries[0]
    return (e.description.value, e.mail.value, e.cn.value) == ("second", "a@example.com", "moved ldap3") and e.entryUUID.value is not None


def schema():
    s = plain.schema
    return "inetOrgPerson" in s.object_classes and "cn" in s.attribute_types


def info():
    return BASE in plain.info.naming_contexts and "1.2.840.113556.1.4.319" in [x[0] for x in plain.info.supported_controls]


def starttls(authority):
    t = ldap3.Connection(server(os.environ["LDAP_URL"], authority), DN, PASSWORD)
    return t.start_tls() and t.bind() and t.extend.standard.who_am_i() == "dn:" + DN


def ldaps(authority):
    t = ldap3.Connection(server(os.environ["LDAPS_URL"], authority), DN, PASSWORD)
    return t.bind() and t.extend.standard.who_am_i() == "dn:" + DN


def wrong_authority(run):
    try:
        run(os.environ["OTHER_CA"])
    except LDAPException as e:
        return "certificate verify failed" in str(e) or str(e)
    return "it was believed"


step("bind", lambda: c.bind() or c.result)
step("bind-refused", refused)
step("root-dse", info)
step("schema", schema)
step("paged-search", paged)
step("add", lambda: c.add(ME, "inetOrgPerson", {"sn": "Three", "description": "first", "cn;lang-de": "deutsch"}) or c.result)
step("add-again", lambda: not c.add(ME, "inetOrgPerson", {"sn": "Three"}) and c.result["description"] == "entryAlreadyExists" or c.result)
step("modify", modify)
step("compare-true", lambda: c.compare(ME, "mail", "A@EXAMPLE.com") or c.result)
step("compare-false", lambda: not c.compare(ME, "mail", "b@example.com") and c.result["description"] == "compareFalse" or c.result)
step("rename", lambda: c.modify_dn(ME, "cn=moved ldap3", delete_old_dn=True) or c.result)
step("rename-to-new-parent", lambda: c.modify_dn("cn=moved ldap3,ou=work," + BASE, "cn=moved ldap3", new_superior="ou=moved," + BASE) or c.result)
step("read-renamed", read_back)
step("delete", lambda: c.delete(MOVED) or c.result)
step("delete-missing", lambda: not c.delete(MOVED) and c.result["description"] == "noSuchObject" or c.result)
step("whoami", lambda: c.extend.standard.who_am_i() == "dn:" + DN)
step("starttls", lambda: starttls(os.environ["CA"]))
step("ldaps", lambda: ldaps(os.environ["CA"]))
step("starttls-wrong-ca", lambda: wrong_authority(starttls))
step("ldaps-wrong-ca", lambda: wrong_authority(ldaps))
