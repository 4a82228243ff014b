#!/bin/sh
# -L: a run with what was learned gives the same and is denied nothing; what
# was not used is denied; secrets are not granted.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"
LIMIT=60
P=$T/learned.conf

fresh() {
	cd "$WORK" && rm -rf run && mkdir run && cd run
	[ -z "${prepare:-}" ] || eval "$prepare" >/dev/null 2>&1
}

# learned NAME [-r RULE] COMMAND ARGS: bare, while learning and with what was
# learned the same output and status, and then no denial.
learned() {
	l_name=$1 l_rule=
	shift
	if [ "$1" = -r ]; then
		l_rule=$2
		shift 2
	fi
	fresh
	timeout -k 5 $LIMIT "$@" >"$T/out.bare" 2>"$T/err.bare" </dev/null
	l_bare=$?
	fresh
	rm -f "$P" "$T/l.log" "$T/r.log"
	sb ${l_rule:+-r "$l_rule"} -L "$P" -l "$T/l.log" -- "$@" \
	    >"$T/out.learn" 2>"$T/err.learn" </dev/null
	l_learn=$?
	fresh
	sb -f "$P" -l "$T/r.log" -- "$@" >"$T/out" 2>"$T/err" </dev/null
	l_again=$?
	[ $l_bare = $l_learn ] && cmp -s "$T/out.bare" "$T/out.learn" &&
	    cmp -s "$T/err.bare" "$T/err.learn"
	ok "$l_name: learning does not show" "status $l_bare, $l_learn" \
	    "$(diff -a "$T/out.bare" "$T/out.learn" | head -5)" \
	    "$(diff -a "$T/err.bare" "$T/err.learn" | head -5)"
	[ $l_bare = $l_again ] && cmp -s "$T/out.bare" "$T/out" &&
	    cmp -s "$T/err.bare" "$T/err"
	ok "$l_name: the same with what was learned" \
	    "status $l_bare, $l_again" \
	    "$(diff -a "$T/out.bare" "$T/out" | head -5)" \
	    "$(diff -a "$T/err.bare" "$T/err" | head -5)"
	is "$l_name: no denial" "$(cat "$T/r.log")" ""
	# and where the first run's files are still there
	rm -f "$T/r.log"
	sb -f "$P" -l "$T/r.log" -- "$@" >/dev/null 2>&1 </dev/null
	is "$l_name: once more in the same place, no denial" \
	    "$(cat "$T/r.log")" ""
	is "$l_name: nothing is incomplete" "$(grep INCOMPLETE "$P")" ""
	[ "$(wc -l <"$P")" -lt 400 ]
	ok "$l_name: short enough to read" "$(wc -l <"$P") lines"
}

# denied NAME RIGHT PATH COMMAND: with what was learned last.
denied() {
	run -f "$P" -- sh -c "$4"
	like "$1" "$err" "denied: .* $2 \"$3"
}

# ---- real programs

learned "sh" sh -c 'echo one >a; cat a /etc/passwd | wc -l; ls; rm a;
    test -e a || echo gone; mkdir d; mv d e; rmdir e; cat nosuch; exit 3'
conf=$(cat "$P")
like "a rule for a file that was read" "$conf" '^	?.*"/etc/passwd"'
like "places are macros" "$conf" '"\$WORKDIR/a"'
unlike "no place by its name" "$conf" "$WORK"
like "how it was learned" "$conf" '^#	sh -c echo one'
denied "another file is denied" read /etc/group 'cat /etc/passwd /etc/group'
denied "another program is denied" exec /usr/bin/head 'head -1 /etc/passwd'
denied "a file elsewhere is denied" 'write, create' "$WORK/x" \
    "cd '$WORK/run'; echo >a; echo >../x"

learned "a pipeline" sh -c 'cat /etc/passwd | sort | sed 1q | tr a-z A-Z |
    tee t >/dev/null; grep -c O t'
learned "searches that fail" sh -c 'for d in /no /etc/no /usr/share/no; do
    cat $d/x; done; nosuchcommand; ls /no; cat <none; cd /nodir; exit 7'

if have gcc; then
	prepare='printf "#include <stdio.h>\nint main(void)
	    { printf(\"%%d\\\\n\", 42); return (5); }\n" >m.c'
	learned "gcc" sh -c 'gcc -O1 -Wall -o m m.c && ./m'
	like "gcc: temporary files" "$(cat "$P")" 'under "\$TMPDIR"'
	denied "gcc: another header is denied" read /usr/include/pwd.h \
	    'gcc -include pwd.h -o m m.c'
	# what was learned holds for another directory
	mkdir -p "$WORK/other" && cd "$WORK/other" && eval "$prepare"
	run -f "$P" -- sh -c 'gcc -O1 -Wall -o m m.c && ./m'
	is "gcc: another working directory" "$st:$out:$err" "5:42:"
	prepare=
else
	skip "gcc" "not installed"
fi

if have git; then
	export GIT_AUTHOR_DATE="2001-01-01 00:00:00 +0000" \
	    GIT_COMMITTER_DATE="2001-01-01 00:00:00 +0000" \
	    GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b \
	    GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
	learned "git: a new repository" sh -c 'git init -q -b main . &&
	    echo x >f && git add f && git commit -q -m one && git status &&
	    git log --format=%H'
	# g is older than the index: else git reads it, within one second
	prepare='git init -q -b main . && echo y >g && touch -d 2001-01-01 g &&
	    git add g && git commit -q -m zero'
	learned "git: an old one" sh -c 'echo x >>f && git add f &&
	    { git commit -q -m one || true; } && git status -s; echo $?'
	# other contents have other names
	fresh
	run -f "$P" -- sh -c 'echo other >>f && git add f &&
	    { git commit -q -m one || true; } && git status -s; echo $?'
	is "git: other contents" "$st:$out:$err" "0:0:"
	prepare=
else
	skip "git" "not installed"
fi

if [ -x /usr/bin/python3 ]; then
	prepare='cat >p.py <<PY
import json, os, subprocess, sys, tempfile, threading
import helper
print(json.dumps({"a": [1, 2]}), helper.f(2))
print(subprocess.run(["sh", "-c", "echo child"], capture_output=True,
    text=True).stdout)
with tempfile.TemporaryDirectory() as d:
    with open(os.path.join(d, "x"), "w") as f: f.write("hello")
    print(os.listdir(d))
for n in "/etc/no", "/no/x":
    try: open(n)
    except OSError as e: print(e.strerror)
try: import nosuchmodule
except ImportError as e: print(e)
print(open("/proc/self/status").readline())
PY
	echo "def f(x): return x * 21" >helper.py'
	learned "python3" /usr/bin/python3 p.py
	like "python3: its own process only" "$(cat "$P")" \
	    '"/proc/\{self\}/status"'
	prepare=
else
	skip "python3" "no /usr/bin/python3"
fi

if [ -x /usr/bin/node ]; then
	learned "node" /usr/bin/node -e 'const fs = require("fs"),
	    cp = require("child_process");
	    fs.writeFileSync("n.txt", "x"); fs.renameSync("n.txt", "m.txt");
	    console.log(fs.readFileSync("m.txt", "utf8"),
	        cp.execSync("echo child").toString(), fs.readdirSync("."));
	    try { fs.readFileSync("/no/such") } catch (e) {
	        console.log(e.code) }'
else
	skip "node" "not installed"
fi

nginx=$(PATH=$PATH:/usr/sbin command -v nginx)
if [ -n "$nginx" ] && have perl; then
	prepare='mkdir html logs; echo hello >html/index.html
	cat >n.conf <<NG
user $(id -un) $(id -gn); daemon off; master_process off; pid nginx.pid; error_log logs/e.log;
events { }
http { access_log logs/a.log; client_body_temp_path t1; proxy_temp_path t2;
fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
server { listen 127.0.0.1:48080; root html; } }
NG
	cat >get.pl <<PL
use IO::Socket::INET;
for (1 .. 50) {
	my \$s = IO::Socket::INET->new("127.0.0.1:48080");
	if (!\$s) { select(undef, undef, undef, 0.1); next }
	print \$s "GET / HTTP/1.0\\r\\n\\r\\n";
	while (<\$s>) { \$last = \$_ }
	print \$last; exit 0
}
exit 1
PL'
	learned "nginx" -r 'allow net' sh -c "$nginx"' -p $PWD/ -c n.conf \
	    2>/dev/null & p=$!; perl get.pl; s=$?; kill $p; wait $p; exit $s'
	like "nginx: the network is allowed" "$(cat "$P")" '^allow net$'
	is "nginx: it answered" "$(cat "$T/out.bare")" hello
	prepare=
else
	skip "nginx" "not installed"
fi

# ---- secrets

cd "$WORK"
mkdir -p "$HOME/.ssh" && echo KEY >"$HOME/.ssh/id"
echo rc >"$HOME/.rc"
rm -f "$P"
run -L "$P" -- cat "$HOME/.ssh/id" "$HOME/.rc"
is "a secret is read while learning" "$st:$out" "0:KEY
rc"
conf=$(cat "$P")
like "a secret is a comment" "$conf" '^#allow read "\$HOME/.ssh/id"$'
like "... with a warning" "$conf" '^# SECRET: '
run -f "$P" -- cat "$HOME/.ssh/id" "$HOME/.rc"
is "a secret is denied then" "$st:$out" "1:rc"

# ---- what bounds it

rm -f "$P"
run -L "$P" -r 'deny read /etc/passwd' -- cat /etc/passwd /etc/hostname
is "what -r denies stays denied" "$st" 1
like "... with its line" "$err" 'denied: .* read "/etc/passwd"'
like "... as a comment" "$(cat "$P")" '^#allow read "/etc/passwd"$'
rm -f "$P"
run -p default -L "$P" -- cat "$HOME/.ssh/id"
is "a profile bounds what is learned" "$st:$out" "1:"
like "... as a comment" "$(cat "$P")" '^#allow read "\$HOME/.ssh/id"$'
rm -f "$P"
X_TOKEN=tok sb -k X_TOKEN -r 'set tmpdir none' -L "$P" -- \
    printenv X_TOKEN >/dev/null
like "-k becomes a statement" "$(cat "$P")" '^keep env \{ X_TOKEN \}$'
like "settings, too" "$(cat "$P")" '^set tmpdir none$'
is "and they hold" "$(X_TOKEN=tok sb -f "$P" -- printenv X_TOKEN)" tok
rm -f "$P"
run -L "$P" -- perl -e 'use Socket; socket(S, PF_INET, SOCK_STREAM, 0)'
like "the network is not learned by itself" "$(cat "$P")" '^#allow net$'
run -f "$P" -- perl -e 'use Socket; socket(S, PF_INET, SOCK_STREAM, 0)'
like "... and denied then" "$err" 'denied: .* net AF_INET'

# ---- the file

run -L "$P" -- true
is "an existing file is not overwritten" "$st" 125
like "... which is said" "$err" "exists, and is not overwritten"
like "... and it is as it was" "$(cat "$P")" '^#allow net$'
ln -s "$T/elsewhere" "$T/link"
run -L "$T/link" -- true
is "nor a symbolic link followed" "$st:$(ls "$T/elsewhere" 2>/dev/null)" "125:"
rm -f "$P"
run -L "$P" -f /no/such -- true
is "what cannot start leaves no file" "$st:$(ls "$P" 2>/dev/null)" "125:"
run -L "$P" -- sh -c "echo 'allow all under /' >>'$P'; rm -f '$P';
    mv '$P' '$P.2'; cat '$P'; ln '$P' '$P.3'"
is "the command cannot touch the file" "$(ls "$P"*)" "$P"
unlike "... or put a rule into it" "$(cat "$P")" '^allow all'
is "it is the user's alone" "$(stat -c %a:%u "$P")" "600:$(id -u)"
run -n -L "$P.n"
is "-n learns nothing" "$st:$(ls "$P.n" 2>/dev/null)" "125:"
for n in 0 x 1001; do
	run -L "$P.n" -N $n -- true
	is "-N $n is refused" "$st:$(ls "$P.n" 2>/dev/null)" "125:"
done
mkdir -p "$HOME/data/d" && for i in 1 2 3 4; do echo $i >"$HOME/data/d/f$i"; done
rm -f "$P"
run -L "$P" -N 3 -- sh -c 'cat ~/data/d/*'
like "-N says how many names stay names" "$(cat "$P")" \
    '^allow read under "\$HOME/data/d"$'
rm -f "$P"
run -L "$P" -- sh -c 'kill -9 $$'
is "the status is the command's" "$st" 137
like "what was learned until then is written" "$(cat "$P")" '"/usr/bin/dash"|bin/'
rm -f "$P"
"$PRIVSEP" -L "$P" -- sh -c 'echo >ready; exec sleep 20.7' & job=$!
wait_for 50 test -e ready
pid=$(pgrep -P $job -f 'privsep-sandbox: learn')
like "ps shows the role" "$(ps -o args= -p "$pid")" '^privsep-sandbox: learn'
s=$(cat /proc/$pid/status)
like "learn: filter, no_new_privs" \
    "$(echo "$s" | grep -E '^(Seccomp|NoNewPrivs):' | tr -d '\n')" \
    "NoNewPrivs:.1Seccomp:.2"
is "learn: no capabilities" "$(echo "$s" |
    awk '/^Cap(Eff|Prm|Inh|Amb)/ { print $2 }' | sort -u)" 0000000000000000
kill -9 "$pid"
wait $job
is "without it the sandbox ends" "$?" 125

# ---- hostile

if have perl; then
	cat >"$WORK/odd.pl" <<'PL'
my $d = "$ENV{HOME}/odd"; mkdir $d;
for my $n ("a\nallow all under ~\n#", "q\" }\nallow all under \"\$HOME",
    "\nallow net\n",
    "e\e[31mred\e]0;t\a", "\$HOME", "b\\", "{*}", "x#y", "sp ace", "'", "\xff",
    "\xc2\x9b31m") {
	open(my $f, ">", "$d/$n") or die; close $f;
	open($f, "<", "$d/$n/x"); open($f, "<", "/no/$n");
	unlink "$d/gone$n";
}
PL
	rm -rf "$HOME/odd" && mkdir "$HOME/odd"
	rm -f "$P"
	run -N 100 -L "$P" -- perl "$WORK/odd.pl"
	is "odd names are learned" "$st" 0
	run -n -f "$P"
	is "... as rules that parse" "$st:$err" "0:"
	unlike "... and grant nothing else" "$(cat "$P")" '^allow (all|net)|"/"|under "\$HOME"$'
	is "... without a control character" \
	    "$(tr -d '\n\t' <"$P" | LC_ALL=C grep -c '[[:cntrl:]]')" 0
	run -f "$P" -l "$T/r.log2" -- perl "$WORK/odd.pl"
	is "... and are allowed by them" "$st:$(cat "$T/r.log2")" "0:"
	run -f "$P" -- perl -e 'open(F, "<", "/etc/passwd") and print "open"'
	is "... no other file is" "$out" ""

	# where nothing may be given whole, names are kept up to a limit
	cat >"$WORK/many.pl" <<'PL'
my $d = $ENV{HOME}; my $n = "aaaa";
for (1 .. 17000) {
	open(my $f, ">", "$d/$n.m") or die; close $f;
	open($f, "<", "$d/$n.absent"); $n++;
}
open(my $s, "<", "/proc/$ARGV[0]/status") if @ARGV;
PL
	rm -f "$P"
	sb -L "$P" -- perl "$WORK/many.pl" 2>"$T/err" & job=$!
	peak=0
	while kill -0 $job 2>/dev/null; do
		sleep 0.2
		pid=$(pgrep -f '^privsep-sandbox: learn' -u "$(id -u)" |
		    head -1)
		[ -z "$pid" ] && continue
		now=$(awk '/^VmHWM/ { print $2 }' /proc/$pid/status 2>/dev/null)
		[ "${now:-0}" -gt $peak ] && peak=$now
	done
	wait $job
	is "too many names: the command does not notice" "$?" 0
	[ $peak -lt 32768 ]
	ok "too many names: memory is bounded" "$peak KB"
	like "too many names: stderr says so" "$(cat "$T/err")" \
	    "policy is incomplete"
	like "too many names: so does the policy" "$(cat "$P")" \
	    '^# INCOMPLETE: [0-9]+ accesses'
	run -n -f "$P"
	is "too many names: it is a policy" "$st" 0
	find "$HOME" -maxdepth 1 -name '*.m' -delete
else
	skip "hostile names" "no perl"
fi
