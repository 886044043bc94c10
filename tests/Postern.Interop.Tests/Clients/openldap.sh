#!/usr/bin/env bash
# OpenLDAP's tools. Prints "STEP ok" or "STEP failed: why" for each step. Settings come from the environment: see InteropClient.cs.
set -u
export LDAPTLS_CACERT="$CA" LDAPTLS_REQCERT=demand
admin=(-x -H "$LDAP_URL" -D "$BIND_DN" -w "$BIND_PW")
ME="cn=openldap,ou=work,$BASE"

step() { # name, expected exit code, pattern that the output must have, command
  local name=$1 code=$2 pattern=$3 output status
  shift 3
  output=$("$@" 2>&1)
  status=$?
  if [ "$status" -eq "$code" ] && grep -q -- "$pattern" <<< "$output"; then
    echo "$name ok"
  else
    echo "$name failed: exit $status: $(tr '\n' ' ' <<< "$output" | cut -c 1-300)"
  fi
}

matching() { # how many lines of the output match a pattern
  local pattern=$1 output
  shift
  output=$("$@") || return
  grep -c "$pattern" <<< "$output"
}

count() { # how many entries a search finds
  local found
  found=$("$@") || return
  grep -c '^dn:' <<< "$found"
}

step bind 0 'numEntries: 1' ldapsearch "${admin[@]}" -b "$BASE" -s base
step bind-refused 49 'Invalid credentials' ldapwhoami -x -H "$LDAP_URL" -D "$BIND_DN" -w wrong
step root-dse 0 "namingContexts: $BASE" ldapsearch -x -LLL -H "$LDAP_URL" -b '' -s base '*' '+'
step paged-search 0 "^$PEOPLE\$" count ldapsearch "${admin[@]}" -LLL -E pr=200/noprompt -b "ou=people,$BASE" '(objectClass=inetOrgPerson)' 1.1
step sorted-search 0 '^1' count ldapsearch "${admin[@]}" -LLL -E sss=-sn/givenName -b "ou=people,$BASE" '(objectClass=inetOrgPerson)' sn
step add 0 'adding new entry' ldapadd "${admin[@]}" -e postread=cn,sn <<EOD
dn: $ME
objectClass: inetOrgPerson
cn: openldap
sn: Tools
description: first
EOD
step add-again 68 'Already exists' ldapadd "${admin[@]}" <<EOD
dn: $ME
objectClass: inetOrgPerson
cn: openldap
sn: Tools
EOD
step modify 0 'modifying entry' ldapmodify "${admin[@]}" -e '!assert=(description=first)' -e preread=description <<EOD
dn: $ME
changetype: modify
replace: description
description: second
-
add: mail
mail: tools@example.com
mail: more@example.com
-
delete: mail
mail: more@example.com
EOD
step modify-asserted-wrong 122 'Assertion' ldapmodify "${admin[@]}" -e '!assert=(description=first)' <<EOD
dn: $ME
changetype: modify
delete: description
EOD
step compare-true 6 TRUE ldapcompare "${admin[@]}" "$ME" 'mail:TOOLS@example.com'
step compare-false 5 FALSE ldapcompare "${admin[@]}" "$ME" 'mail:more@example.com'
step rename 0 '' ldapmodrdn "${admin[@]}" -r "$ME" 'cn=renamed openldap'
ME="cn=renamed openldap,ou=work,$BASE"
step rename-to-new-parent 0 '' ldapmodrdn "${admin[@]}" -r -s "ou=moved,$BASE" "$ME" 'cn=openldap'
ME="cn=openldap,ou=moved,$BASE"
step read-renamed 0 '^description: second' ldapsearch "${admin[@]}" -LLL -b "$ME" -s base description
step passwd 0 '' ldappasswd "${admin[@]}" -s 'new secret' "$USER_DN"
step passwd-used 0 'dn:' ldapwhoami -x -H "$LDAP_URL" -D "$USER_DN" -w 'new secret'
step passwd-made 0 'New password:' ldappasswd "${admin[@]}" "$USER_DN"
step matched-values 0 '^1$' matching '^mail:' ldapsearch "${admin[@]}" -LLL -E 'mv=((mail=u1@*))' -b "uid=u1,ou=people,$BASE" -s base mail
step sync-refresh 0 'contentSync\|1.3.6.1.4.1.4203.1.9.1.3' ldapsearch "${admin[@]}" -E '!sync=ro' -b "ou=groups,$BASE" 1.1
step transaction-commit 0 '' ldapmodify "${admin[@]}" -E '!txn=commit' <<EOD
dn: ou=tree,ou=work,$BASE
changetype: add
objectClass: organizationalUnit

dn: ou=branch,ou=tree,ou=work,$BASE
changetype: add
objectClass: organizationalUnit
EOD
step transaction-committed 0 '^dn: ou=branch' ldapsearch "${admin[@]}" -LLL -b "ou=branch,ou=tree,ou=work,$BASE" -s base 1.1
step transaction-abort 0 '' ldapmodify "${admin[@]}" -E '!txn=abort' <<EOD
dn: ou=leaf,ou=branch,ou=tree,ou=work,$BASE
changetype: add
objectClass: organizationalUnit
EOD
step transaction-aborted 32 'No such object' ldapsearch "${admin[@]}" -b "ou=leaf,ou=branch,ou=tree,ou=work,$BASE" -s base
step delete-nonleaf 66 'not allowed on non-leaf' ldapdelete "${admin[@]}" "ou=tree,ou=work,$BASE"
step tree-delete 0 '' ldapdelete "${admin[@]}" -e '!1.2.840.113556.1.4.805' "ou=tree,ou=work,$BASE"
step unknown-critical-control 12 'Critical extension' ldapsearch "${admin[@]}" -e '!1.2.3.4' -b "$BASE" -s base
step proxied-refused 12 'Critical extension\|proxied' ldapsearch "${admin[@]}" -e "!authzid=dn:$USER_DN" -b "$BASE" -s base
step delete 0 '' ldapdelete "${admin[@]}" "$ME"
step delete-missing 32 'No such object' ldapdelete "${admin[@]}" "$ME"
step whoami 0 "^dn:$BIND_DN" ldapwhoami "${admin[@]}"
step schema 0 "NAME 'inetOrgPerson'" ldapsearch "${admin[@]}" -LLL -o ldif-wrap=no -b "$SUBSCHEMA" -s base '(objectClass=subschema)' objectClasses attributeTypes
step starttls 0 "^dn:$BIND_DN" ldapwhoami "${admin[@]}" -ZZ
step ldaps 0 "^dn:$BIND_DN" ldapwhoami -x -H "$LDAPS_URL" -D "$BIND_DN" -w "$BIND_PW"
export LDAPTLS_CACERT="$OTHER_CA"
step starttls-wrong-ca 1 'Connect error' ldapwhoami "${admin[@]}" -ZZ
step ldaps-wrong-ca 255 "Can't contact" ldapwhoami -x -H "$LDAPS_URL" -D "$BIND_DN" -w "$BIND_PW"
