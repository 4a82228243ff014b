#!/bin/sh
# W^X: memory that can be written is not executed, by whatever way; programs
# that make code run where the policy excepts them, others with it.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"
LIMIT=60

cp "$HOME/bin/wxtry" try
try=$WORK/try
except="allow wx $try"
ways() { grep -v privsep-sandbox: "$T/out" | cut -d' ' -f1,2 | tr '\n' ';'; }
of() { echo "$out" | grep "^$1 "; }

# ---- every way there is

makes="mmap mprotect pkey_mprotect stack shared_anonymous memfd_shared
memfd_private file_shared file_private file_deleted file_nameless
file_elsewhere zero"
bare=$(./try)
for w in $makes file_later proc_mem; do
	echo "$bare" | grep -q "^$w ran$"
	ok "bare, code runs by $w" "$(echo "$bare" | grep "^$w ")"
done
run -- ./try
out0=$out
run -r 'set wx no' -- ./try
is "set wx no is the default" "$out" "$out0"
run -r 'set wx yes' -- ./try
wx=$out
for w in $makes; do
	like "W^X, by the kernel: $w" "$(of $w)" " EACCES$"
done
# what is refused in any case
unlike "... nor by any other way" "$(echo "$wx" | grep -v ^file_later)" " ran$"
like "... though not what may be written and is mapped before" \
    "$(of file_later)" " ran$"
run -r 'set wx yes' -r "deny library under $WORK" -- ./try file_later
like "... unless libraries are denied there" "$out" "^file_later mmap EACCES"
run -l "$T/log" -r 'set wx yes' -r 'allow wx /nonexistent' -- ./try
is "W^X, with exceptions, of a program that is none" "$out" "$wx"
like "... the log says what would allow it" "$(cat "$T/log")" \
    "denied: pid [0-9]+ \(try\) mprotect wx \"$try\" by default; to allow: allow wx \"$try\"$"
allow=$(sed -n 's/.*(try) mprotect .*to allow: //p' "$T/log" | head -1)
run -r 'set wx yes' -r "$allow" -- ./try
is "... and that does" "$out" "$(echo "$out0" | sed 's/^remap .*/remap mmap ENOSYS/')"
run -r 'set wx yes' -r "$except" -- sh -c './try mmap; cp try other
    ./other mmap; ./try mprotect'
is "an exception is of one program, not of its copy" "$(echo "$out" | tr '\n' ';')" \
    "mmap ran;mmap mmap EACCES;mprotect ran;"
run -r 'set wx yes' -r "kill wx $try" -r 'allow wx /nonexistent' -- \
    ./try mprotect
is "kill wx" "$out" ""
like "... the line" "$err" "killed: .* mprotect wx \"$try\" by -r:1"
run -r 'set wx yes' -r "warn wx $try" -- ./try mprotect
is "warn wx" "$out:$(grep -c 'warned: .* wx ' "$T/err")" "mprotect ran:1"
for r in 'set wx yes' "$except"; do
	run -r 'allow syscall { shmget shmat shmctl }' -r 'set wx yes' \
	    -r "$r" -- ./try shm
	is "a segment of System V is not executed ($r)" "$out" \
	    "shm shmat EACCES"
done
run -r 'allow syscall { shmget shmat shmctl }' -- ./try shm
is "... without W^X it is" "$out" "shm ran"
run -r 'set wx yes' -r 'allow read, write under /proc' -- ./try proc_mem
is "a policy that lets memory be written by file is refused" "$st" 125
like "... and how to write it" "$err" "^privsep-sandbox: |-r:1: with set wx yes nobody may write /proc/self/mem"
run -r 'set wx yes' -r 'allow read, write under /proc' \
    -r 'deny write glob { "/proc/*/mem" "/proc/*/task/*/mem" }' -- ./try proc_mem
like "... so that it does not" "$out" "^proc_mem open E"
run -r 'promise "stdio rpath wpath cpath exec"' -r 'set wx yes' \
    -r "$except" -- ./try mprotect
is "a promise takes exceptions away" "$out" "mprotect protect EACCES"
run -r 'promise "stdio rpath wpath cpath exec prot_exec"' -r 'set wx yes' \
    -r "$except" -- ./try mprotect
is "... but with prot_exec" "$out" "mprotect ran"
py=/usr/bin/python3
mdwe='import ctypes; print(ctypes.CDLL(None).prctl(66, 0, 0, 0, 0))'
if [ "$($py -c "$mdwe")" = 0 ]; then
	run -r 'set wx yes' -- $py -c "$mdwe"
	is "the kernel knows of it" "$out" 1
	run -r 'set wx yes' -r "$except" -- $py -c "$mdwe"
	is "... where nobody is excepted" "$out" 0
else
	skip "the kernel knows of it" "no PR_SET_MDWE here"
fi


# ---- without exceptions, but read about

run -w -r 'set wx yes' -- ./try
is "W^X, watched: what is refused is the same" "$out" "$wx"
like "... and there is a line" "$err" \
    "denied: pid [0-9]+ \(try\) mprotect wx \"$try\" by default; to allow: allow wx \"$try\"$"
run -r 'set wx yes' -- ./try mprotect
unlike "... which is not there otherwise" "$out:$err" "denied"
if [ "$($py -c "$mdwe")" = 0 ]; then
	run -w -r 'set wx yes' -- $py -c "$mdwe"
	is "... and the kernel knows of it" "$out" 1
fi

# ---- programs that are mapped so

printf 'int main(void) { return (0); }\n' >p.c
gcc -o stack p.c -z execstack
cat >n.c <<'C'
void
_start(void)
{
	__asm__ volatile ("syscall" : : "a" (60), "D" (0));
}
C
gcc -O1 -nostdlib -static -Wl,-N -o omagic n.c 2>/dev/null
for p in stack omagic; do
	./$p
	is "bare: $p" $? 0
	for r in 'set wx yes' 'allow wx /nonexistent'; do
		run -r 'set wx yes' -r "$r" -- ./$p
		[ "$st" -ge 126 ]
		ok "a program mapped writable and executable does not run: $p ($r)" \
		    "$st"
	done
	run -r 'set wx yes' -r "allow wx $WORK/$p" -- ./$p
	is "... but with an exception" "$st" 0
done
run -r 'set wx yes' -r 'allow wx /nonexistent' -- ./stack
like "... the line" "$err" "exec wx \"$WORK/stack\" by default: memory mapped to be written and executed; to allow: allow wx \"$WORK/stack\""
printf '.globl g\ng: ret\n' >stack.s
gcc -shared -o stack.so stack.s -z execstack
run -r 'set wx yes' -- $py -c "import ctypes; ctypes.CDLL('./stack.so')"
is "a library that asks for an executable stack" "$st" 1
like "... the line" "$err" "mmap library \"$WORK/stack.so\" by default: library asks for an executable stack"

# ---- real programs, with the exceptions of the manual

wx="set wx yes"
cat >calc.py <<'P'
import ctypes, json, re, hashlib, sqlite3, subprocess, sys, threading
libc = ctypes.CDLL("libc.so.6")
a = [libc.abs(-4)]
if len(sys.argv) > 1:
    compare = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int),
        ctypes.POINTER(ctypes.c_int))(lambda a, b: a[0] - b[0])
    a = (ctypes.c_int * 4)(4, 2, 3, 1)
    libc.qsort(a, 4, 4, compare)
print(list(a), hashlib.sha256(b"x").hexdigest()[:8],
    subprocess.run(["/bin/echo", "hi"], capture_output=True).stdout)
P
program() {	# NAME POLICY COMMAND ...
	p_name=$1
	p_rule=$2
	shift 2
	want=$("$@" 2>/dev/null)
	p_st=$?
	run -l "$T/log" -r "$wx" -r 'set libraries yes' -r "$p_rule" -- "$@"
	is "$p_name" "$st:$out" "$p_st:$want"
	grep -m1 ' wx ' "$T/log" | cut -c1-160 | sed 's/^/# /'
	rm -f "$T/log"
}
none="allow wx /nonexistent"
for r in "$wx" "$none"; do
	program "python3 with ctypes ($r)" "$r" $py calc.py
	have perl && program "perl ($r)" "$r" perl -e \
	    'print join(",", sort { $a <=> $b } map { ord } split //, "hello")'
	program "gcc ($r)" "$r" sh -c 'gcc -O1 -o built p.c && ./built'
	program "a shell script chain ($r)" "$r" sh -c \
	    'printf "#!/bin/sh\nexec sed s/a/b/ \"\$1\"\n" >s1; chmod +x s1
	    echo aaa >in; ./s1 in | sort | awk "{ print \$1 }" | bash -c cat'
done
program "python3 with callbacks of ctypes, excepted" \
    "allow wx $(readlink -f $py)" $py calc.py callbacks
# A Go program, if one can be built without the network
if have go; then
	printf 'package main\nimport "fmt"\nfunc main() { c := make(chan int); go func() { c <- 42 }(); fmt.Println(<-c) }\n' >m.go
	GOCACHE=$T/go GOFLAGS=-mod=mod GOTOOLCHAIN=local HOME=$T \
	    go build -o gobin m.go 2>/dev/null
fi
if [ -x gobin ]; then
	program "a Go program" "$wx" ./gobin
else
	skip "a Go program" "no go, or it does not build here"
fi
if have node; then
	js='let s = 0; for (let i = 0; i < 1e6; i++) s += i % 7; console.log(s)'
	program "node, excepted" "allow wx $(readlink -f "$(command -v node)")" \
	    node -e "$js"
	program "node without its compiler" "$wx" node --jitless -e "$js"
	run -r "$wx" -- node -e "$js"
	[ $st -ne 0 ]
	ok "... with it, and not excepted, it does not run"
else
	skip "node" "no node"
fi
if have java; then
	printf 'public class M { public static void main(String[] a) { long s = 0; for (int i = 0; i < 1000000; i++) s += i %% 7; System.out.println(s); } }\n' >M.java
	jvm=$(readlink -f "$(command -v java)")
	program "java, excepted" "allow wx $jvm" java -Xshare:off -XX:+UseSerialGC -version
	if have javac && javac M.java 2>/dev/null; then
		program "java, a class" "allow wx $jvm" java -cp . M
	fi
	run -r "$wx" -- java -version
	[ $st -ne 0 ]
	ok "... not excepted, it does not run"
else
	skip "java" "no java"
fi

# ---- what -n says

run -n -r 'set wx yes'
like "-n: the kernel" "$out" "^# kernel: .*wx: seccomp and PR_SET_MDWE"
like "... the line" "$out" "^set wx yes"
run -n -r 'set wx yes' -r "$except"
like "-n: with exceptions" "$out" "^# broker: wx: notification: the kernel makes no exceptions by program"
like "... who stands for it" "$out" "residual trust: wx: the policy and the integrity worker, each by itself"
echo "$out" >"$T/n.conf"
run -n -f "$T/n.conf"
like "... round" "$out" "^allow wx \"$try\""
run -n -w -r 'set wx yes'
like "-n: watched" "$out" "^# watch: .*wx: .*PR_SET_MDWE and notification"
run -n -v -r 'set wx yes' -r "$except"
like "-n -v: the calls" "$out" "mprotect"
run -n -j -r 'set wx yes'
is "-n -j" "$(echo "$out" | jq -r '.rights[] | select(.right == "wx").tier')" kernel
