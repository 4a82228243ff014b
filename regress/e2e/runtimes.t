#!/bin/sh
# Runtimes with trusted paths and W^X: with the line that the manual has for
# each they do what they do bare; without it they fail, and the log names a
# line that lets them.
PASSES=together
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"
LIMIT=120
C=$SRC/man/privsep-sandbox.conf.5
me=$(id -u)
export GOCACHE="$T/gocache" GO111MODULE=off

# The manual's example: its head, and of the rest what is for one NAME.
sed -n '/^# node$/,/^\.Ed/{/^\.Ed/d;p;}' "$C" >"$T/lines"
line() {
	sed -n "/^# $1\$/{n;p;}" "$T/lines"
}
for n in node java "python3 with callbacks" "programs and scripts of the user's" \
    "go run" rustup; do
	[ -n "$(line "$n")" ]
	ok "the manual's example has a line for: $n"
done
policy() {	# NAME: "" for none
	printf 'profile "default"\nset tpe yes\nset wx yes\nset watch yes\n'
	[ -z "$1" ] || line "$1"
}
inside() {	# POLICY COMMAND ...
	i_policy=$1
	shift
	run -f "$i_policy" -- "$@"
}
# cures: every rule that the log says would allow what was denied
cures() {
	sed -n 's/.*privsep-sandbox: denied: .*\(mmap\|mprotect\|exec\|execve\) \(wx\|exec\) .*; to allow: //p' \
	    "$T/err" | sort -u
}
# runs NAME LINE COMMAND ...: with that line of the manual as bare.  Where it
# has one: without it, not, for the reason that the log says, whose cure helps.
runs() {
	r_name=$1
	r_line=$2
	shift 2
	want=$("$@" 2>/dev/null </dev/null)
	want=$?:$want
	case $want in
	0:*)	;;
	*)	skip "$r_name" "does not run bare: $want"
		return ;;
	esac
	policy "$r_line" >with.conf
	inside with.conf "$@"
	is "$r_name: as bare, with: ${r_line:-nothing}" "$st:$out" "$want"
	[ -n "$r_line" ] || return 0
	policy "" >none.conf
	inside none.conf "$@"
	[ "$st:$out" != "$want" ]
	ok "... without it does not run" "$st:$out"
	cures >"$T/cure"
	like "... and the log says what would let it" "$(cat "$T/cure")" \
	    "^(allow wx|tpe trust) \""
	# each cure may bring the next file to light
	cp none.conf cured.conf
	for i in 1 2 3 4; do
		cat "$T/cure" >>cured.conf
		inside cured.conf "$@"
		[ "$st:$out" != "$want" ] && [ -n "$(cures)" ] || break
		cures >"$T/cure"
	done
	case $r_line in
	"go run")	return 0 ;;	# another name each time
	esac
	is "... which does" "$st:$out" "$want"
}
users=
[ "$me" -eq 0 ] || users="programs and scripts of the user's"

# ---- interpreters

runs python3 "" /usr/bin/python3 -c 'import ctypes, json, sqlite3, ssl
import subprocess, threading
t = threading.Thread(target=lambda: print(subprocess.check_output(["uname"])))
t.start(); t.join(); print(ctypes.CDLL(None).abs(-4))'
runs "python3 with callbacks" "python3 with callbacks" /usr/bin/python3 -c \
    'import ctypes; print(ctypes.CFUNCTYPE(ctypes.c_int)(lambda: 3)())'
if have perl; then
	runs perl "" perl -MPOSIX -e 'print `uname`, POSIX::floor(3.5), "\n"'
else
	skip perl "no perl"
fi
js='let s = 0; for (let i = 0; i < 1e6; i++) s += i % 7
console.log(s, require("child_process").execSync("uname").toString())'
if [ "$(readlink -f "$(command -v node)")" = /usr/bin/node ]; then
	runs node node node -e "$js"
	runs "node, a worker" node node -e 'const w = require("worker_threads")
	    new w.Worker("require(\"worker_threads\").parentPort.postMessage(6)",
	    { eval: true }).on("message", (m) => console.log(m))'
	runs "node --jitless" "" node --jitless -e "$js"
else
	skip node "no /usr/bin/node"
fi
case $(readlink -f "$(command -v java)") in
/usr/lib/jvm/*)
	printf 'public class M { public static void main(String[] a) { long s = 0; for (int i = 0; i < 1000000; i++) s += i %% 7; System.out.println(s); } }\n' >M.java
	runs java java java --version
	if [ -x "$(command -v javac)" ]; then
		runs "javac, and a class" java sh -c 'javac M.java && java -cp . M'
	else
		skip "javac, and a class" "no javac"
	fi ;;
*)	skip java "no java in /usr/lib/jvm" ;;
esac

# ---- scripts, which call each other

printf '#!/bin/sh\nx=$(./two.pl) || exit 1\necho "one $x"\n' >one.sh
printf '#!%s\n$x = `./three.py`; exit 1 if $?; print "two $x";\n' \
    "$(command -v perl)" >two.pl
printf '#!/usr/bin/python3\nprint("three")\n' >three.py
printf '#!%s/four.sh\n' "$WORK" >five.sh
printf '#!/bin/sh\necho "four ${1##*/}"\n' >four.sh
chmod 755 one.sh two.pl three.py four.sh five.sh
runs "a chain of scripts: sh, perl, python3" "$users" ./one.sh
runs "a script whose interpreter is one" "$users" ./five.sh

# ---- compilers, and what they make

printf '#include <stdio.h>\nint main(void) { puts("of C"); return 0; }\n' >c.c
runs "gcc, the compiler" "" sh -c 'gcc -O1 -c -o c.o c.c && echo made'
runs "gcc, and its program" "$users" sh -c 'gcc -O1 -o c c.c && ./c'
if have go; then
	printf 'package main\nimport ("fmt"; "os/exec")\nfunc main() {\n\tc := make(chan int)\n\tgo func() { c <- 42 }()\n\to, _ := exec.Command("/bin/echo", "of Go").Output()\n\tfmt.Println(<-c, string(o))\n}\n' >m.go
	runs "go build, the compiler" "" sh -c \
	    'GOCACHE=$TMPDIR/gc go build -o gobin m.go && echo made'
	runs "a Go program" "$users" ./gobin
	if [ "$me" -eq 0 ]; then
		runs "go run" "" sh -c 'GOCACHE=$TMPDIR/gc go run m.go'
	else
		runs "go run" "go run" sh -c 'GOCACHE=$TMPDIR/gc go run m.go'
	fi
else
	skip "Go" "no go"
fi
if have rustc; then
	printf 'fn main() {\n\tlet t = std::thread::spawn(|| (0..10u64).sum::<u64>());\n\tprintln!("of Rust {}", t.join().unwrap());\n}\n' >r.rs
	runs "rustc, the compiler" "" sh -c 'rustc -o rbin r.rs && echo made'
	runs "a Rust program" "$users" ./rbin
	# as rustup does it: a toolchain of the user's own
	if [ "$me" -ne 0 ] && rustc -o wrap - <<'R' 2>/dev/null
fn main() { println!("a tool") }
R
	then
		mkdir -p "$HOME/.rustup/bin" && mv wrap "$HOME/.rustup/bin/tool"
		runs "a tool in ~/.rustup" rustup "$HOME/.rustup/bin/tool"
	fi
else
	skip "Rust" "no rustc"
fi
