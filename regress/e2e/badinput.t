#!/bin/sh
# Bad input: one line on standard error that says what to do, an exit status
# of 125 to 127, nothing started, nothing left behind.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"

# bad NAME STATUS ERE ARGS...
bad() {
	b_name=$1 b_st=$2 b_re=$3
	shift 3
	rm -f started
	run "$@"
	[ "$st" -eq "$b_st" ] && [ "$(wc -l <"$T/err")" -eq 1 ] &&
	    [ -z "$out" ] && [ ! -e started ]
	ok "$b_name: status $b_st, one line, nothing run" "status $st" \
	    "$err" "$out"
	like "$b_name: says what" "$err" "$b_re"
}
start="touch $WORK/started"

bad "no command" 125 "no command; for example"
bad "no command after --" 125 "no command; for example" --
bad "not found" 127 "no-such: No such file or directory" -- no-such
bad "no such path" 127 "/no/such: No such file" -- /no/such
echo x >plain
bad "not executable" 126 "plain: Permission denied" -- ./plain
bad "a directory" 126 "/usr: " -- /usr
printf '#!/no/such/interpreter\n' >interp; chmod +x interp
bad "no interpreter" 127 "interp: No such file" -- ./interp
printf 'garbage\0\0' >garbage; chmod +x garbage
head -c 64 /bin/true >half; chmod +x half
run -- ./half; [ "$st" -ge 126 ]; ok "half a program does not run" "$st $err"
bad "no such profile" 125 "nope.*(default|profile)" -p nope -- $start
bad "no such policy file" 125 "no/such.conf.*No such file" \
    -f /no/such.conf -- $start
bad "a policy that is a directory" 125 "/etc: " -f /etc -- $start
if [ "$(id -u)" -ne 0 ]; then
	echo 'allow all under /' >secret.conf; chmod 0 secret.conf
	bad "an unreadable policy" 125 "secret.conf.*Permission denied" \
	    -f secret.conf -- $start
fi
printf 'allow read under /usr\nalow read under /etc\n' >typo.conf
bad "a malformed policy" 125 "typo.conf:2: .*expected.*for example" \
    -f typo.conf -- $start
bad "a malformed rule" 125 "^-r:1: .*expected" -r 'allow' -- $start
bad "an unknown right" 125 "^-r:1: .*" -r 'allow raed /etc' -- $start
bad "a relative path in a rule" 125 "^-r:1: " -r 'allow read etc' -- $start
bad "an unknown macro" 125 "^-r:1: " -r 'allow read "$NOPE/x"' -- $start
bad "an unknown system call" 125 "^-r:1: " -r 'allow syscall nope' -- $start
bad "a control character in a rule" 125 "^-r:1: " \
    -r "$(printf 'allow read "/a\001b"')" -- $start
bad "an empty rule argument that is broken" 125 "^-r:1: " -r '"' -- $start
head -c 100000 /dev/urandom >noise.conf
run -f noise.conf -- $start
[ "$st" -eq 125 ] && [ "$(wc -l <"$T/err")" -le 12 ] && [ ! -e started ]
ok "noise as a policy: a few lines, 125" "$st" "$err"
printf 'include "loop.conf"\n' >loop.conf
bad "a policy that includes itself" 125 "loop.conf:1: " -f loop.conf -- $start
bad "a log file that cannot be opened" 125 "/no/such/log: " \
    -l /no/such/log -- $start
bad "a log file that is a directory" 125 " /: " -l / -- $start
run -Z -- $start
[ "$st" -eq 125 ] && [ ! -e started ]; ok "an unknown option" "$st"
like "an unknown option: the usage" "$err" "usage: privsep-sandbox"
run -r; [ "$st" -eq 125 ]; ok "an option without its argument" "$st"

mkdir gone
(cd gone && rmdir ../gone && sb -- $start >"$T/out" 2>"$T/err"; echo $? >"$T/st")
is "a vanished working directory: 125" "$(cat "$T/st")" 125
is "... one line" "$(wc -l <"$T/err")" 1
like "... that says what to do" "$(cat "$T/err")" "cd to "
TMPDIR=/no/such run -- true
is "no temporary directory: 125" "$st" 125
like "... says what to do" "$err" "/no/such.*set TMPDIR"
if [ "$(id -u)" -ne 0 ]; then
	TMPDIR=/usr run -- true
	is "an unwritable temporary directory: 125" "$st" 125
	like "... says what to do" "$err" "/usr.*TMPDIR"
fi
run -r 'deny exec under /' -- true
is "a policy that denies the command: 126" "$st" 126
prlimit --nofile=5:5 "$PRIVSEP" -- $start >"$T/out" 2>"$T/err"
is "too few descriptors: 125" $? 125
is "... one line" "$(wc -l <"$T/err")" 1
test ! -e started; ok "... nothing was run"

# A kernel that lacks what is needed, played by a filter around.
if "$HOME/bin/without" seccomp true 2>/dev/null; then
	for what in seccomp landlock; do
		"$HOME/bin/without" $what "$PRIVSEP" -- $start \
		    >"$T/out" 2>"$T/err"
		is "a kernel without $what: 125" "$?" 125
		is "... one line" "$(wc -l <"$T/err")" 1
		like "... that says what is missing" "$(cat "$T/err")" \
		    "kernel has no"
		test ! -e started; ok "... nothing was run"
	done
fi
is "nothing is left behind" "$(leftovers)" ""
! pgrep -P 1 -u "$(id -u)" -f '^privsep-sandbox: '
ok "no role is left"
