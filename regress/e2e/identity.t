#!/bin/sh
# A program with kept capabilities that gives something up, its user, its
# groups or the capabilities, does not get it back from the broker, which
# makes its calls with all that it began with.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"

prepare() {
	mkdir data
	echo owner >data/owner && chmod 600 data/owner
	echo group >data/group && chmod 640 data/group
	chown 4001:4002 data/owner data/group
}

cat >give.py <<'PY'
import ctypes, os, struct, sys
def look():
    said = []
    for name in 'data/owner', 'data/group':
        try:
            said.append(open(name).read().strip())
        except OSError as e:
            said.append(e.strerror.split()[0])
    return said
libc = ctypes.CDLL(None, use_errno=True)
before = look()
for what in sys.argv[1:]:
    if what == 'caps':
        head = struct.pack('Ii', 0x20080522, 0)
        assert libc.capset(head, bytes(24)) == 0
    elif what == 'groups':
        os.setgroups([])
    elif what == 'user':
        os.setresuid(4003, 4003, 4003)
print(*before, 'then', *look())
PY

# give CAPS WHAT...: brokered, of root or of a member of the group
give() {
	caps=$1
	shift
	out=$($as "$PRIVSEP" -r "allow read under \"$WORK\"" \
	    -r "deny read glob \"$WORK/none*\"" \
	    -r "keep capability { $caps }" -- python3 give.py "$@" 2>err)
	err=$(cat err)
}

if [ "$(id -u)" != 0 ]; then
	skip "who gives something up has it no more" "not root"
else
	prepare
	as=
	give dac_override
	is "who keeps a capability has it" "$out" "owner group then owner group"
	give dac_override caps
	is "who gives it up has it no more" "$out" \
	    "owner group then Permission Permission"
	like "... and the log says why" "$err" "a user who gave up capabilities"
	give "dac_override, setuid, setgid" user
	is "who changes its user has not the other's rights" "$out" \
	    "owner group then Permission Permission"
	as="setpriv --groups 4002"
	give setgid
	is "who keeps its groups has them" "$out" \
	    "Permission group then Permission group"
	give setgid groups
	is "who gives them up has them no more" "$out" \
	    "Permission group then Permission Permission"
	like "... and the log says why too" "$err" "a user of other groups"
fi
is "nothing is left behind" "$(leftovers)" ""
