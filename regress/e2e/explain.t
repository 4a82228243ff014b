#!/bin/sh
# -n says what is enforced and by whom; it is a policy again; and it is true:
# what it prints is tried.
PASSES=together
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"
E=$SRC/regress/e2e

# Without what a line number or a run's own directory changes.
normal() {
	grep -a -v '^# ' | LC_ALL=C sed -E -e 's/# [^ ]+:[0-9]+:/#/' \
	    -e 's/ by [^ ;]+:[0-9]+//g' \
	    -e 's,/privsep-sandbox\.[A-Za-z0-9]{6},/run,g'
}

# again NAME ARGS: -n of its own output is the same.
again() {
	a_name=$1
	shift
	sb -n "$@" >"$T/first.conf" 2>"$T/err"
	a_st=$?
	(cd "$T" && sb -n -f first.conf >second.conf 2>>err)
	normal <"$T/first.conf" >"$T/first"
	normal <"$T/second.conf" >"$T/second"
	[ $a_st -eq 0 ] && [ -s "$T/first" ] && [ ! -s "$T/err" ] &&
	    cmp -s "$T/first" "$T/second"
	ok "$a_name: -n of what -n printed is the same" "status $a_st" \
	    "$(cat "$T/err")" "$(diff -a "$T/first" "$T/second")"
}

# ---- what is said

run -n
like "the kernel and its Landlock are named" "$out" \
    '^# Linux [0-9].*, Landlock ABI [0-9]+$'
is "every right has one tier" "$(echo "$out" |
    sed -n -E 's/^# (kernel|watch|broker|nobody): ([a-z, ]+).*/\2/p' |
    tr -d ' \n' | tr ',' '\n' | sort | uniq -d)" ""
is "rights that nobody holds are named, with their rules" \
    "$(echo "$out" | grep -c -E \
    '^# no effect: stat, walk, chdir in [a-z]+:[0-9]+, [a-z0-9]')" 1
run -n -r 'deny read fstype { no-such-type proc }'
is "a type of file system that nothing is mounted of is named" \
    "$(echo "$out" | grep 'nothing is mounted of')" \
    '# no effect: -r:1: nothing is mounted of type "no-such-type"'
run -n
is "each rule has its place and a tier" "$(echo "$out" |
    grep -E '^(allow|deny) [^ns]' | grep -v -c -E \
    '	# [a-z]+:[0-9]+: (kernel|watch|broker|nobody): [a-zA-Z]')" 0
like "what stands by the policy worker alone is said, right by right" "$out" \
    '^# residual trust: .*chmod.*: the policy worker alone: [a-z]+:[0-9]'
like "calls that nobody is asked about are named" "$out" \
    '^# not mediated: stat: .*: stat, fstat, lstat, access'
is "nothing is left behind" "$(leftovers)" ""

cat >tiers.conf <<'CONF'
allow read, exec, chmod under /usr
allow read under "$HOME/work"
deny read glob "$HOME/work/**/*.key"
allow log create under "$HOME/work"
CONF
run -n -f tiers.conf
like "one rule's rights by tier" "$out" \
    '^allow read, exec, chmod under "/usr"	# tiers.conf:1: .*broker: .*chmod: notification: Landlock does not see'
like "who asks for the broker, and where" "$out" \
    '# tiers.conf:2: broker: readfile.*: notification: a glob with .* at "[^"]*" by tiers.conf:3;'
like "who asks for a line" "$out" '# tiers.conf:4: watch: mkfile, .*: Landlock and notification: .* by tiers.conf:4;'
run -n -f tiers.conf -r 'allow read glob "$TMPDIR/*.c"' \
    -r 'allow write under "$TMPDIR/x"'
like "the directory of a run is a macro" "$out" \
    '^allow read glob "\$TMPDIR/\*\.c"	#'
unlike "... everywhere" "$(echo "$out" | grep -v '^#' | sed 's/	#.*//')" \
    "privsep-sandbox\."

run -n -k 'LC_*' -k 'a"
allow all under /'
like "what -k keeps is in it" "$out" '^keep env "LC_\*"	#'
unlike "... and nothing but that" "$out" '^allow all'

sb -n >/dev/full 2>"$T/err"
is "a full disk is an error" "$?" 125

# ---- a policy again

mkdir -p "$T/golden"
sh "$E/golden/run.sh" "$T/golden" >"$T/err" 2>&1
is "golden: all policies are printed" "$?:$(cat "$T/err")" "0:"
for f in "$E"/golden/*.conf; do
	n=$(basename "$f" .conf)
	cmp -s "$E/golden/$n.out" "$T/golden/$n.out"
	ok "golden: $n" "$(diff -a "$E/golden/$n.out" "$T/golden/$n.out" |
	    cut -c1-300)"
	normal <"$T/golden/$n.out" >"$T/first"
	normal <"$T/golden/$n.again" >"$T/second"
	[ -s "$T/first" ] && cmp -s "$T/first" "$T/second"
	ok "golden: $n: -n of what -n printed is the same" \
	    "$(diff -a "$T/first" "$T/second" | cut -c1-300)"
done
for f in "$SRC"/monitor/profiles/*.conf; do
	n=$(basename "$f" .conf)
	again "profile $n" -p "$n"
done

# ---- -v

run -n -v -f tiers.conf
like "-v: the wall's rules, by name" "$out" \
    '^#	"/usr"	execute, read_file, read_dir$'
like "-v: the child's rules" "$out" \
    '^# Landlock, child, inside the wall: [0-9]+ rules$'
like "-v: the filter, with jumps and names" "$out" \
    '^#	[0-9]+	jge [a-z0-9_]+\([0-9]+\), [0-9]+, [0-9]+$'
like "-v: ... and answers" "$out" '^#	[0-9]+	ret ERRNO\(EPERM\)	; ptrace\(101\)'
is "-v: all of the filter" "$(echo "$out" | grep -c -E \
    '^#	[0-9]+	(ld|and|jeq|jge|ja|ret) ')" \
    "$(echo "$out" | sed -n 's/^# filter of the child: \([0-9]*\) .*/\1/p')"
like "-v: notified calls, with rights and handler" "$out" \
    '^#	openat\(257\)	readfile, .*	open	'
like "-v: ... and predicates" "$out" \
    '^#		args\[2\] & 0x400000 != 0: [a-z ]+\(walk, mktemp\)'
is "-v: adds comments only" "$(echo "$out" | grep -v '^#')" \
    "$(sb -n -f tiers.conf | grep -v '^#')"

# ---- -j

if have python3 && have jq; then
	cat >names.conf <<'CONF'
allow read "/a \"quoted\" \\ name"
allow read under '/back\slash'
allow read "/tab	in"
CONF
	sed -i '/tab/d' names.conf
	printf 'allow read "/\351t\303\251 \377"\ndeny read glob "/\200*"\n' \
	    >>names.conf
	odd=$(printf 'n"\n\\\377.conf')
	cp names.conf "$odd"
	for f in tiers.conf names.conf "$odd"; do
		sb -n -j -f "$f" >"$T/json" 2>"$T/err"
		is "-j: $(echo "$f" | tr -cd a-z.): prints" \
		    "$?:$(cat "$T/err")" "0:"
		python3 -m json.tool <"$T/json" >/dev/null 2>"$T/err"
		is "-j: ... one JSON document" "$?:$(cat "$T/err")" "0:"
		LC_ALL=C tr -d '\n -~' <"$T/json" >"$T/rest"
		is "-j: ... in printable ASCII" "$(wc -c <"$T/rest")" 0
	done
	is "-j: bytes are as in a denial's line" \
	    "$(jq -r '.rules[2].path' "$T/json")" \
	    '/\351t\303\251 \377'
	is "-j: statements are a policy" \
	    "$(jq -r '.rules[0].statement' "$T/json")" \
	    'allow read "/a \"quoted\" \\ name"'
	sb -n -j -f tiers.conf >"$T/json"
	is "-j: tiers by rule" "$(jq -c '.rules[0] | [.line, .path,
	    (.broker | index("chmod") != null)]' "$T/json")" \
	    '[1,"/usr",true]'
	is "-j: every right has a tier and a reason" \
	    "$(jq '[.rights[] | select(.tier and .why)] | length' \
	    "$T/json")" 29
	is "-j: the rule that asks, by number" "$(jq -c '.rights[] |
	    select(.right == "readfile") | [.tier, .rule]' "$T/json")" \
	    '["broker",2]'
	is "-j: the filter" "$(jq '.filter | length > 100' "$T/json")" true
	is "-j: the notified calls" "$(jq -r '.notified[] |
	    select(.call == "execve") | .handler' "$T/json")" exec
else
	skip "-j" "no python3 or jq"
fi

# ---- true

# true_of NAME ARGS: each line that is printed is tried.
true_of() {
	t_name=$1
	shift
	python3 "$E/explain.py" "$PRIVSEP" "$HOME/bin/tryer" "$HOME" "$@" \
	    >"$T/tried" 2>&1
	t_st=$?
	[ $t_st -eq 0 ]
	ok "$t_name: what -n says is what happens" "$(grep -v '^# ' "$T/tried")"
	sed -n -E \
	    's/^# [0-9]+ rules, ([0-9]+) accesses, ([0-9]+) must pass, .*/\1 \2/p' \
	    "$T/tried" | awk '$1 > 20 && $2 > 3 && $1 - $2 > 3' | grep -q .
	ok "$t_name: something of each kind was tried"
	grep '^# ' "$T/tried" | grep -v '^# not there' | cut -c1-200
}

try=$(printf 'allow read, exec "%s/bin/tryer"' "$HOME")
libs='allow read, exec under { /usr/lib /lib /lib64 }'
if have python3; then
	cat >true.conf <<'CONF'
# Every way to name a place, in all tiers.
allow read, exec under { /usr /bin /lib /lib64 /etc }
allow read, write { /dev/null /dev/zero }
allow read, write, create, delete, exec under "$HOME/open"
deny contents under "$HOME/open/secret"
allow read, exec under "$HOME/open/secret/pub"
deny all under "$HOME/open/secret/pub/never"
deny read glob "$HOME/open/*.{key,pem}" errno ENOENT
allow log read under "$HOME/logged"
deny quick write under "$HOME/open/fixed" errno EROFS
allow write under "$HOME/open"
allow readdir "$HOME"
warn write under "$HOME/logged"
deny quiet read under "$HOME/logged/quiet"
kill read under "$HOME/logged/kill"
allow exec glob "$HOME/globs/**/probe"
allow read glob "$HOME/globs/[a-c]?/x*"
deny log exec under "$HOME/open/noexec"
allow read "$HOME/odd/a \"b\" {c}*"
CONF
	cat >kernel.conf <<'CONF'
# What the kernel holds by itself.
set late-siblings deny
allow readdir under /
allow read, exec under { /usr /bin /lib /lib64 /etc }
allow read, write { /dev/null /dev/zero }
allow read, write, create, delete, exec under "$HOME/made"
allow read, exec under "$HOME/open"
deny contents under "$HOME/open/secret"
allow read, exec under "$HOME/open/secret/pub"
deny contents under "$HOME/open/secret/pub/never"
deny contents glob "$HOME/open/*.{key,pem}"
CONF
	true_of "written, brokered" -f true.conf -r "$try"
	true_of "written, late siblings denied" -f true.conf \
	    -r 'set late-siblings deny' -r "$try"
	true_of "written, watched" -f kernel.conf -w -r "$try"
	true_of "written, the kernel alone" -f kernel.conf -r "$try"
	is "... opens by the kernel alone" "$(sb -n -f kernel.conf -r "$try" |
	    grep -c -E '^# (watch|broker): .*\b(readfile|writefile|exec)\b')" 0
	# root tries every line of them, in world.t
	for f in "$SRC"/monitor/profiles/*.conf; do
		[ "$(stat -c %u "$E2E")" -ne 0 ] || break
		n=$(basename "$f" .conf)
		set -- -p "$n" -r "$try"
		# some are only parts of others
		sb "$@" -- "$HOME/bin/tryer" 2>/dev/null ||
		    set -- "$@" -r "$libs"
		true_of "profile $n" "$@"
	done

	# It would say so.
	cat >"$T/liar" <<LIAR
#!/bin/sh
[ "\$1" = -n ] && exec "$PRIVSEP" "\$@"
exec "$PRIVSEP" -r 'allow read under "\$HOME/open/secret"' "\$@"
LIAR
	cat >"$T/miser" <<LIAR
#!/bin/sh
[ "\$1" = -n ] && exec "$PRIVSEP" "\$@"
exec "$PRIVSEP" -r 'deny read under "\$HOME/open"' "\$@"
LIAR
	chmod 755 "$T/liar" "$T/miser"
	for x in liar miser; do
		python3 "$E/explain.py" "$T/$x" "$HOME/bin/tryer" "$HOME" \
		    -f kernel.conf -r "$try" >"$T/tried" 2>&1
		is "the trial finds another policy than the printed ($x)" \
		    "$?:$(grep -c ' instead of ' "$T/tried" |
		    sed 's/[1-9].*/some/')" 1:some
	done
else
	skip "what is printed is tried" "no python3"
fi
