#!/bin/sh
# Files that are mapped to be executed: what the policy does not let be
# mapped, or what was tampered with, runs not one instruction of its own,
# whoever exchanges what and when.
PASSES=together
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"
LIMIT=120

sum() { sha256sum <"$1" | cut -c1-64; }
lines() { grep -c "privsep-sandbox: denied: .* mmap " "$T/err"; }
N=2000
[ "$E2E_PASS" = root ] && N=10000	# one pass is enough of these

# Code to map: a page whose first instructions return a number.
printf '\270\001\000\000\000\303' >good.bin
printf '\270\102\000\000\000\303' >evil.bin
truncate -s 4096 good.bin evil.bin
cp "$HOME/bin/mapper" mapper
map=$WORK/mapper
# Libraries whose constructors make a file.
cat >lib.c <<'C'
#include <fcntl.h>
__attribute__((constructor)) static void
canary(void)
{
	open("ran." NAME, O_CREAT | O_WRONLY, 0644);
}
int f(void) { return (RETURN); }
C
cat >prog.c <<'C'
int f(void);
int main(void) { return (f() == 1 ? 0 : 66); }
C
for n in good evil; do
	gcc -shared -fPIC -DNAME="\"$n\"" -DRETURN=$([ $n = good ] && echo 1 ||
	    echo 66) -o $n.so lib.c
done
mkdir -p lib
cp good.so lib/libcanary.so
gcc -o prog prog.c -Llib -lcanary -Wl,-rpath,"$WORK/lib"
[ -x prog ]
ok "the canaries could be built"
ran() {
	echo $(ls ran.* 2>/dev/null)
	rm -f ran.*
}
so=$WORK/lib/libcanary.so
# what is verified must not be the program's to write
keep="deny write under $WORK/lib"

# ---- rules

run -v -- ./prog
is "without a word about libraries" "$st:$(ran)" 0:ran.good
unlike "... nobody looks at them" "$err" "notified:.* mmap "
run -v -r 'set libraries yes' -- ./prog
is "with set libraries yes" "$st:$(ran)" 0:ran.good
like "... somebody does" "$err" "notified:.* mmap [2-9]"
run -r "deny library under $WORK/lib" -- ./prog
is "a directory whose libraries are denied" "$st:$(ran)" 127:
like "... the loader says so" "$err" "libcanary.so: failed to map segment"
like "... and so does the log, with the cure" "$err" \
    "denied: pid [0-9]+ \(prog\) mmap library \"$so\" by -r:1 deny library under \"$WORK/lib\"; to allow: allow library \"$so\"$"
run -j -r "deny library under $WORK/lib" -- ./prog
is "... as JSON" "$(grep '"denied"' "$T/err" | jq -r '.call,.path' |
    tr '\n' ' ')" "mmap $so "
ran >/dev/null
run -r "deny library under $WORK/lib" -r "allow library $so" -- ./prog
is "... but for one, by the cure" "$st:$(ran)" 0:ran.good
run -r "deny library under $WORK/lib" -- ./mapper code good.bin
is "... and elsewhere they are not" "$out" "mapped good"
run -r "kill library $so" -- ./prog
is "kill library" "$st:$(ran)" 137:
run -r "exit library $so" -- sh -c './prog; echo still here'
is "exit library" "$st:$out:$(ran)" 125::
run -r "deny library $so errno ENOENT" -- ./prog
like "errno" "$err" "mmap library"
is "... it does not run" "$(ran)" ""
run -r "warn library $so" -- ./prog
is "warn library" "$st:$(ran):$(grep -c 'warned: .* mmap library' "$T/err")" \
    0:ran.good:1
run -r 'set libraries yes' -r "deny exec under $WORK/lib" -- ./prog
is "exec is about libraries too" "$st:$(ran)" 127:
run -r 'set libraries yes' -r "deny program under $WORK/lib" -- ./prog
is "... program is not" "$st:$(ran)" 0:ran.good
run -r "deny library under $WORK/lib" -r 'set libraries no' -- ./prog
is "set libraries no" "$st:$(ran)" 0:ran.good
ln -s lib/libcanary.so link.so
for how in "LD_PRELOAD=$WORK/link.so /bin/true" \
    "/lib64/ld-linux-x86-64.so.2 --preload $so /bin/true"; do
	run -r "keep env LD_PRELOAD" -r "deny library under $WORK/lib" -- \
	    sh -c "$how"
	is "not through ${how%% *} either" "$(ran)" ""
done
run -r 'set libraries yes' -r "deny exec $WORK/prog" -- \
    /lib64/ld-linux-x86-64.so.2 ./prog
is "a program that may not be executed is not loaded by ld.so" "$(ran)" ""
cat >memfd.py <<'P'
import ctypes, os, sys
if sys.argv[1] == "memfd":
    fd = os.memfd_create("x")
else:
    fd = os.open("gone.so", os.O_RDWR | os.O_CREAT)
os.write(fd, open("evil.so", "rb").read())
if sys.argv[1] == "deleted":
    os.unlink("gone.so")
os.close(os.open("/dev/null", os.O_RDONLY))
ctypes.CDLL("/proc/self/fd/%d" % fd)
P
py=/usr/bin/python3
for how in memfd deleted; do
	run -r 'set libraries yes' -- $py memfd.py $how
	is "a file without a name: $how" "$st:$(ran)" 1:
	run -r 'set libraries yes' -r "allow wx $(readlink -f $py)" -- \
	    $py memfd.py $how
	is "... but of a program that may make code" "$st:$(ran)" 0:ran.evil
done
rm -f gone.so

# ---- digests

rule="verify library $so sha256 $(sum good.so)"
run -r "$keep" -r "$rule" -- ./prog
is "a library with its digest" "$st:$(ran)" 0:ran.good
cp evil.so lib/libcanary.so
run -r "$keep" -r "$rule" -- ./prog
is "replaced: not one instruction runs" "$st:$(ran)" 127:
like "... which check, expected and found, how to allow it" "$err" \
    "denied: pid [0-9]+ \(prog\) mmap library \"$so\" by -r:1: sha256 digest differs: expected $(sum good.so), found $(sum evil.so); to allow: verify library \"$so\" sha256 $(sum evil.so)$"
is "... and that is all" "$(lines)" 1
allow=$(sed -n 's/.*; to allow: //p' "$T/err")
run -r "$keep" -r "$allow" -- ./prog
is "... the rule it gives allows it" "$st:$(ran)" 66:ran.evil
cp good.so lib/libcanary.so
run -r "$rule" -- ./prog
is "one that may be written is refused" "$st:$(ran)" 127:
like "... and why" "$err" "library could be written after it was verified"
ln lib/libcanary.so other.so
run -r "$keep" -r "$rule" -- ./prog
if [ "$(id -u)" -ne 0 ]; then
	is "one with another name is refused" "$st:$(ran)" 127:
	like "... and why" "$err" "file has other names"
else
	is "one with another name is not, of root's" "$st:$(ran)" 0:ran.good
fi
rm other.so
( exec 9>>lib/libcanary.so; run -r "$keep" -r "$rule" -- ./prog
  is "one that is open for writing is refused" "$st:$(ran)" 127:
  like "... and why" "$err" "mmap library .* file is open for writing" )
run -r "$keep" -r "$rule" -- ./prog
is "... and no longer when it is closed" "$st:$(ran)" 0:ran.good
run -r "$keep" -r "verify exec $WORK/prog sha256 $(sum evil.so)" \
    -r 'set libraries yes' -- /lib64/ld-linux-x86-64.so.2 ./prog
is "a digest for a program holds for ld.so as well" "$(ran)" ""

ldd() { LD_TRACE_LOADED_OBJECTS=1 "$@" | grep -o '/[^ ]*'; }
list() {
	for f; do
		p=$(readlink -f "$f") && echo "$p sha256 $(sum "$p")"
	done
}
list prog $(ldd ./prog) $(ldd /bin/sh) /bin/sh | sort -u >all.manifest
all="set verify all"
run -r "$keep" -r "$all" -r "verify library from \"$WORK/all.manifest\"" -- \
    ./prog
is "everything is listed in a manifest" "$st:$(ran)" 0:ran.good
grep -v libc.so all.manifest >some.manifest
run -r "$keep" -r "$all" -r "verify library from \"$WORK/some.manifest\"" -- \
    ./prog
is "... but for one library" "$st:$(ran)" 127:
like "... which is named" "$err" "mmap library \"[^ ]*libc.so[^ ]*\" by -r:1: no digest is listed for the file; to allow: verify library"
run -r "$keep" -r "$all" -r "verify from \"$WORK/some.manifest\"" -- ./prog
is "a manifest is not about libraries unless it says so" "$st:$(ran)" \
    0:ran.good

# A large one that somebody writes while it is hashed.
truncate -s 100M lib/large
dd if=good.bin of=lib/large conv=notrunc status=none
large="verify library $WORK/lib/large sha256 $(sum lib/large)"
run -r "$keep" -r "$large" -- ./mapper code lib/large
is "a large file" "$out" "mapped good"
touch lib/large
( while [ ! -e "$T/enough" ]; do
	dd if=evil.bin of=lib/large conv=notrunc status=none
	dd if=good.bin of=lib/large conv=notrunc status=none
  done ) &
got=
for i in 1 2 3 4 5; do
	run -r "$keep" -r "$large" -- ./mapper code lib/large
	got="$got$out "
done
touch "$T/enough"
wait
unlike "written in place while it is hashed: no evil runs" "$got" evil
echo "# $got"
rm -f lib/large

# ---- who exchanges what: $N times each

evil="deny library $WORK/evil.bin"
tells() {	# NAME ERE
	like "$1" "$st $(echo "$out" | tail -1)" "^0 $2\$"
	echo "# $(echo "$out" | tail -1)"
}
jump_bare() {
	bare=$(./mapper jump good.bin evil.bin 2000 | tail -1)
	case $bare in *" 0 evil"*) return 1 ;; esac
}
wait_for 30 jump_bare
unlike "bare, evil code runs" "$bare" " 0 evil"
echo "# $bare"
run -l "$T/log" -r "$evil" -- ./mapper fd good.bin evil.bin $N
tells "another thread exchanges the descriptor" \
    "$N tried, [1-9][0-9]* ran, 0 evil"
run -l "$T/log" -r "$evil" -- ./mapper jump good.bin evil.bin $N
tells "... and a third runs what is mapped at every moment" \
    "$N tried, [1-9][0-9]* ran, 0 evil"
run -l "$T/log" -r "$evil" -- ./mapper vfork good.bin evil.bin $N
tells "... and a third starts programs" "$N tried, [1-9][0-9]* ran, 0 evil"
run -r "$evil" -- ./mapper files good.bin evil.bin
is "no other process shares descriptors" "$(echo $out)" \
    "EPERM 1 tried, 1 ran, 0 evil"
run -l "$T/log" -r "deny library $WORK/evil.so" -- \
    ./mapper dlopen "$WORK/good.so" "$WORK/evil.so" 1000
tells "the descriptors of dlopen(3)" "1000 tried, [1-9][0-9]* ran, 0 evil"
ran >/dev/null

# Others rename; by path nobody may map evil.bin, by digest only good.bin.
cp good.bin lib/a
cat >swap.py <<'P'
import os, sys, shutil
n = 0
while not os.path.exists(sys.argv[1]):
    src = "evil.bin" if n % 2 else "good.bin"
    n += 1
    shutil.copy(src, "lib/new")
    os.rename("lib/new", "lib/a")
P
$py swap.py "$T/enough.2" &
run -l "$T/log" -r "$keep" \
    -r "verify library $WORK/lib/a sha256 $(sum good.bin)" -- \
    ./mapper name "$WORK/lib/a" x $N
touch "$T/enough.2"
wait
tells "renamed by others while it is verified" \
    "$N tried, [1-9][0-9]* ran, 0 evil"
like "... evil was there" "$(tail -1 "$T/log")" "denied"

# ---- programs with many threads

cat >threads.py <<'P'
import threading, ctypes, sqlite3, select, time, os
stop = False
r, w = os.pipe()
def work():
    while not stop:
        os.stat("/"); open("/etc/passwd").close()
def sleep():
    while not stop:
        time.sleep(0.001)
ts = [threading.Thread(target=f) for f in (work, work, sleep, sleep)]
for t in ts: t.start()
for i in range(20):
    ctypes.CDLL("libm.so.6"); ctypes.CDLL("libcrypt.so.1")
    import ssl, bz2, lzma, decimal, _ctypes_test if i < 0 else zlib
stop = True
for t in ts: t.join()
print("done")
P
sed -i 's/, _ctypes_test if i < 0 else zlib/, zlib/' threads.py
run -w -l "$T/log" -r 'set libraries yes' -- $py threads.py
is "threads that call, sleep and load libraries" "$st:$out" 0:done
cp "$HOME/bin/crowd" crowd
for how in busy signals leader exec; do
	for w in -- -w; do
		run $([ $w = -w ] && echo $w) -l "$T/log" \
		    -r 'set libraries yes' -- ./crowd $how good.bin 100
		is "a crowd of threads: $how $w" "$st:$out" 0:done
	done
done

# ---- the stack

printf '.globl g\ng: ret\n' >stack.s
gcc -shared -o stack.so stack.s -z execstack
gcc -shared -o nostack.so stack.s -z noexecstack
dl="import ctypes; ctypes.CDLL('./stack.so')"
run -r 'set libraries yes' -r 'deny exec class execstack' -- $py -c "$dl"
is "a library that asks for an executable stack" "$st" 1
like "... is of a class" "$err" "mmap library \"$WORK/stack.so\" by -r:1: library asks for an executable stack; to allow: allow exec class execstack"
run -r 'set libraries yes' -r 'deny exec class execstack' -- $py -c \
    "import ctypes; ctypes.CDLL('./nostack.so')"
is "... another is not" "$st" 0

# ---- what is learned

run -L "$WORK/learned" -r 'set libraries yes' -- ./prog
is "learning" "$st:$(ran)" 0:ran.good
run -f "$WORK/learned" -- ./prog
is "what was learned is enough" "$st" 0
like "... and is about libraries" "$(cat learned)" "library"
cat learned >less
echo "deny library under $WORK/lib" >>less
run -f "$WORK/less" -- ./prog
is "... so that less is too little" "$st" 127
ran >/dev/null

# ---- what -n says

run -n -r "deny library under $WORK/lib" -r "$rule"
like "-n: who holds it" "$out" "^# broker: library: notification: Landlock does not see mmap"
like "... who stands for it" "$out" "residual trust: library.*: the policy and the integrity worker, each by itself"
echo "$out" >"$T/n.conf"
run -n -f "$T/n.conf"
is "... round" "$(echo "$out" | grep -c '^set libraries yes')" 1
run -n
like "-n: nobody, without a word" "$out" "^# nobody: library: not with set libraries no"
run -n -j -r 'set libraries yes'
is "-n -j" "$(echo "$out" | jq -r '.rights[] | select(.right == "library").tier')" broker
