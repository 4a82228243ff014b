#!/bin/sh
# Digests and classes of executables: what was tampered with does not run one
# instruction, however it came to where it is; the rest runs as ever.
PASSES=together
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"

sum() { sha256sum <"$1" | cut -c1-64; }
# list FILE ...: manifest lines
list() {
	for f; do
		p=$(readlink -f "$f") && echo "$p sha256 $(sum "$p")"
	done
}
lines() { grep -c "privsep-sandbox: denied: pid .* exec\(ve\)\? exec " "$T/err"; }

# Programs whose first instructions make a file: no library, no loader.
cat >canary.c <<'C'
static long
call(long nr, long a, long b, long c)
{
	long	 rv;

	__asm__ volatile ("syscall" : "=a" (rv) : "a" (nr), "D" (a), "S" (b),
	    "d" (c) : "rcx", "r11", "memory");
	return (rv);
}
void
_start(void)
{
	call(2, (long)NAME, 0101, 0644);
	call(60, STATUS, 0, 0);
}
C
build() {	# NAME STATUS
	gcc -nostdlib -static -O1 -fno-stack-protector -DNAME="\"ran.$1\"" \
	    -DSTATUS="$2" -o "$1" canary.c
}
build good 0
build evil 66
[ -x good ] && [ -x evil ]
ok "the canaries could be built"
good=$(sum good)
cp good prog
# ran WHAT: which canary there is, and none afterwards
ran() {
	echo $(ls ran.* 2>/dev/null)
	rm -f ran.*
}

# ---- one digest: where the call can fail, and where only the image counts

for mode in early late; do
no=137 call=exec by=prog
[ $mode = late ] || no=126 call=execve by=privsep-sandbox
rule="verify exec \"$WORK/prog\" sha256 $good
set exec-check $mode"
run -r "$rule" -- ./prog
is "$mode: the file of that digest runs" "$st:$(ran)" 0:ran.good
for a in "blake2b b2sum 128" "sha512 sha512sum 128"; do
	set -- $a
	run -r "verify exec \"$WORK/prog\" $1 $($2 <prog | cut -c1-$3)" -- ./prog
	is "$1" "$st:$(ran)" 0:ran.good
done
run -r "verify exec $WORK/prog sha256 $(sum evil)" -r "$rule" -- ./prog
is "any of several digests" "$st:$(ran)" 0:ran.good
run -r "verify exec $WORK/other sha256 $good" -- ./evil
is "a file that is not listed runs" "$st:$(ran)" 66:ran.evil

cp evil prog
run -r "$rule" -- ./prog
is "$mode: replaced: not one instruction runs" "$st:$(ran)" $no:
like "... which check, expected and found, who says so, how to allow it" \
    "$err" "denied: pid [0-9]+ \($by\) $call exec \"$WORK/prog\" by -r:1: sha256 digest differs: expected $good, found $(sum evil); to allow: verify exec \"$WORK/prog\" sha256 $(sum evil)$"
is "... and that is all" "$(lines)" 1
allow=$(sed -n 's/.*; to allow: //p' "$T/err")
run -r "$allow" -- ./prog
is "... the rule it gives allows it" "$st:$(ran)" 66:ran.evil
rm -f "$T/json"
run -l "$T/json" -r "$rule" -- ./prog 
is "... with a log too" "$st:$(ran):$(grep -c 'digest differs' "$T/json")" $no::1
rm -f prog
cp good prog

run -r "$rule" -- sh -c './prog; cp evil new; mv new prog; ./prog; echo $?'
is "replaced while it runs, by the program itself" "$(echo $out):$(ran)" \
    "$no:ran.good"
rm -f prog
cp good prog
touch -r good ref
run -r "$rule" -- sh -c './prog; cat evil >prog; touch -r ref prog; ./prog; echo $?'
is "written in place, with the times of before" "$(echo $out):$(ran)" \
    "$no:ran.good"
cat good >prog
run -r "$rule" -- sh -c './prog; sleep 3.2; ./prog && ./prog && ln prog two;
    cat evil >two; touch -r ref prog; ./prog; echo $?'
is "written through another hard link, when the digest was kept" \
    "$(echo $out):$(ran)" "$no:ran.good"
rm -f prog two
cp good prog
chmod 755 prog
run -r "$rule" -- sh -c 'ln -s prog l; ./l; exec 3<./prog; cp evil e2
    mv e2 prog; ./l; echo $?'
is "through a symbolic link" "$(echo $out):$(ran)" "$no:ran.good"
rm -f prog l
cp good prog
cat >fexec.py <<'PY'
import os, sys
fd = os.open(sys.argv[1], os.O_RDONLY)
os.execve(fd, ["x"], {})
PY
run -r "$rule" -- python3 fexec.py prog
is "by a descriptor: the good" "$st:$(ran)" 0:ran.good
cp evil prog
run -r "$rule" -- python3 fexec.py prog
[ $mode = late ] || no=1	# python3 says why
is "by a descriptor: the other" "$st:$(ran)" $no:
cp good prog
done

# ---- all of them

ld=$(readlink -f /lib64/ld-linux-x86-64.so.2)
run -r 'set verify all' -- ./evil
is "set verify all: what is not listed does not run" "$st:$(ran)" 126:
like "... and the denial has the rule that is missing" "$err" \
    "by -r:1: no digest is listed for the file; to allow: verify exec \"$WORK/evil\" blake2b $(b2sum <evil | cut -c1-128)$"
run -r 'set verify all' -r "$rule" -- ./prog
is "... and what is listed does" "$st:$(ran)" 0:ran.good
true=$(readlink -f /bin/true)
run -r 'set verify all' -r "verify exec $true sha256 $(sum "$true")" -- "$true"
is "... the dynamic loader is a file too" "$st:$(lines)" 126:1
like "... it says" "$err" "execve exec \"$ld\" by -r:1: no digest"
run -r 'set exec-check late' -r 'set verify all' \
    -r "verify exec $true sha256 $(sum "$true")" -- "$true"
is "... late, it is killed" "$st:$(lines)" 137:1
run -r 'set verify all' -r "verify exec $true sha256 $(sum "$true")" \
    -r "verify exec $ld sha256 $(sum "$ld")" -- "$true"
is "... with both it runs" "$st" 0
run -r "verify exec /bin/true sha256 $good" -- /bin/true
is "a rule for the name of a link is for the file" "$st" 126
run -r "verify exec $ld sha256 $good" -- /bin/true
is "a dynamic loader of another digest" "$st" 126
run -r "verify exec $ld sha256 $good" -- ./good
is "... is nothing to a program without one" "$st:$(ran)" 0:ran.good
run -r 'set exec-check late' -r "verify exec $ld sha256 $good" -- /bin/true
is "... late, it is killed" "$st" 137
printf '#!%s\n' "$true" >scr && chmod 755 scr
run -r "verify exec $ld sha256 $good" -- ./scr
is "... of a script's interpreter, early" "$st" 126
run -r "deny exec class script" -r "deny exec $ld" -- /bin/true
is "a dynamic loader that the rules deny, early" "$st:$(lines)" 126:1
cp "$ld" ld.so
printf 'int main(void) { return 5; }' |
    gcc -x c -o withld -Wl,--dynamic-linker="$WORK/ld.so" -
run -- ./withld
is "a loader of one's own: allowed without a digest" "$st" 5
run -r "verify exec $WORK/ld.so sha256 $(sum ld.so)" -- ./withld
is "... that the program could write: refused with one" "$st" 137
like "... for that reason" "$err" "could be written after it was verified"
run -r "verify exec $WORK/ld.so sha256 $(sum ld.so)" \
    -r "deny write, truncate $WORK/ld.so" -- ./withld
is "... which it cannot: runs" "$st" 5
sleep 3.1	# so that they can be remembered
run -r "verify exec $WORK/ld.so sha256 $(sum ld.so)" \
    -r 'allow create, delete "$PWD/ld.so"' \
    -r "deny write, truncate $WORK/ld.so" -- sh -c './withld; ./withld; echo $?
    cp ld.so new; echo >>new; mv new ld.so; ./withld; echo $?'
is "... exchanged when it was remembered: early" "$(echo $out)" "5 126"
gcc -x c -o nold -Wl,--dynamic-linker="$WORK/none.so" - <<C
int main(void) { return 5; }
C
timeout 5 ./nold 2>/dev/null
want=$?
run -r "verify exec $WORK/none.so sha256 $good" -- ./nold
is "... that is not there: the kernel's error" "$st" "$want"

# ---- manifests

list good prog >m
run -r "verify from '$WORK/m'" -- ./prog
is "a manifest" "$st:$(ran)" 0:ran.good
cp evil prog
run -r "verify from '$WORK/m'" -- ./prog
is "a manifest: tampered with" "$st:$(ran)" 126:
like "... by its line" "$err" "by $WORK/m:2: sha256 digest differs"
echo junk >>m
run -r "verify from '$WORK/m'" -- ./prog
is "a manifest with a bad line: nothing runs" "$st:$(ran)" 125:
like "... it says which" "$err" "m:3: not 'path algorithm digest'"
run -r "verify from '$WORK/none'" -- ./prog
is "no manifest: nothing runs" "$st:$(ran)" 125:
list good >m
chmod g+w m
run -r "verify from '$WORK/m'" -- ./prog
is "a manifest that others may write: nothing runs" "$st:$(ran)" 125:
cat >sign.py <<'PY'
# signify(1), from RFC 8032: a key of zeros, a public key or a signature
import base64, hashlib, sys
P = 2**255 - 19; L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P; I = pow(2, (P - 1) // 4, P)
def add(p, q):
    a = (p[1]-p[0])*(q[1]-q[0]) % P; b = (p[1]+p[0])*(q[1]+q[0]) % P
    c = 2*p[3]*q[3]*D % P; d = 2*p[2]*q[2] % P
    e, f, g, h = b-a, d-c, d+c, b+a
    return (e*f % P, g*h % P, f*g % P, e*h % P)
def mul(s, p):
    q = (0, 1, 1, 0)
    while s:
        if s & 1: q = add(q, p)
        p = add(p, p); s >>= 1
    return q
def comp(p):
    z = pow(p[2], P-2, P); x, y = p[0]*z % P, p[1]*z % P
    return (y | (x & 1) << 255).to_bytes(32, "little")
y = 4 * pow(5, P-2, P) % P; x2 = (y*y-1) * pow(D*y*y+1, P-2, P)
x = pow(x2, (P+3)//8, P)
if (x*x-x2) % P: x = x*I % P
if x & 1: x = P-x
G = (x, y, 1, x*y % P)
def h(b): return int.from_bytes(hashlib.sha512(b).digest(), "little") % L
k = hashlib.sha512(bytes(32)).digest()
a = int.from_bytes(k[:32], "little") & (1 << 254) - 8 | 1 << 254
A = comp(mul(a, G))
out = A
if len(sys.argv) > 1:
    m = open(sys.argv[1], "rb").read()
    r = h(k[32:] + m); R = comp(mul(r, G))
    out = R + ((r + h(R + A + m) * a) % L).to_bytes(32, "little")
print("untrusted comment: test")
print(base64.b64encode(b"Ed" + b"number  " + out).decode())
PY
list good prog >m
cp good prog
list good prog >m
python3 sign.py >key.pub
python3 sign.py m >m.sig
run -r "verify from '$WORK/m' key '$WORK/key.pub'" -- ./prog
is "a signed manifest" "$st:$(ran)" 0:ran.good
cp evil prog
run -r "verify from '$WORK/m' key '$WORK/key.pub'" -- ./prog
is "a signed manifest: the program was tampered with" "$st:$(ran)" 126:
list good prog >m
run -r "verify from '$WORK/m' key '$WORK/key.pub'" -- ./prog
is "a signed manifest: and so was the manifest: nothing runs" \
    "$st:$(ran)" 125:
like "... it says so" "$err" "the signature '$WORK/m.sig' is not of '$WORK/m'"
rm m.sig
run -r "verify from '$WORK/m' key '$WORK/key.pub'" -- ./prog
is "a manifest without its signature: nothing runs" "$st:$(ran)" 125:
cp good prog

# ---- classes

printf 'int main(void) { return 0; }' >c.c
gcc -o dynamic c.c
gcc -static -o static c.c
gcc -no-pie -o nonpie c.c
gcc -z execstack -o execstack c.c 2>/dev/null
gcc -static-pie -o staticpie c.c
# each class, and what is of it
all="dynamic static nonpie execstack staticpie"
for c in "dynamic dynamic nonpie execstack" "static static staticpie" \
    "nonpie static nonpie" "execstack execstack" "loader"; do
	set -- $c
	class=$1
	shift
	got=
	for p in $all; do
		run -r "deny exec class $class" -- ./$p
		[ "$st" = 126 ] && got="$got $p"
	done
	is "deny exec class $class" "$(echo $got | tr ' ' '\n' | sort)" \
	    "$(printf '%s\n' "$@" | sed '/^$/d' | sort)"
done
run -r 'deny exec class { nonpie execstack }' -- ./nonpie
like "the line says what it is, and how to allow it" "$err" \
    "execve exec \"$WORK/nonpie\" by -r:1: executable is of class nonpie; to allow: allow exec class nonpie$"
run -r 'deny exec class { nonpie execstack }' -r 'allow exec class nonpie' \
    -- ./nonpie
is "the last that speaks of a class decides" "$st" 0
run -r 'deny exec class loader' -r "allow exec $ld" -- "$ld" ./dynamic
is "a dynamic loader, started directly" "$st" 126
run -r "allow exec $ld" -- "$ld" ./dynamic
is "... runs without the rule" "$st" 0
run -r 'deny exec class loader' -- ./dynamic
is "... and as an interpreter with it" "$st" 0
printf '#!/bin/sh\necho ran\n' >script
chmod 755 script
run -r 'deny exec class script' -- sh -c './script; echo $?; ./dynamic; echo $?'
is "deny exec class script" "$(echo $out)" "126 0"
like "... and its line" "$err" "execve exec \"$WORK/script\" by -r:1: executable is of class script; to allow: allow exec class script$"
run -r 'deny exec class { dynamic script }' -r 'allow exec class dynamic' -- \
    ./script
is "... the command itself" "$st:$out" 126:
run -- ./script
is "... and without it" "$st:$out" 0:ran
for r in 'deny exec class fast' 'deny read class static' \
    'deny quick exec class static' 'warn exec class memfd' \
    'allow exec class memfd' 'verify exec /x md5 00' 'verify exec /x' \
    'verify exec /x sha256 00' 'verify read /x sha256 00' \
        "verify exec x sha256 $good" "verify exec $WORK/script sha256 $good
set exec-check late" 'verify from "m" with "k"'; do
	run -r "$r" -- true
	is "refused: $r" "$st:$(echo "$err" | grep -c 'for example: ')" 125:1
done

# ---- scripts: their digest is looked at before the call, and no later

list script >scripts
echo "$WORK/other sha256 $good" >>scripts
run -r "verify from '$WORK/scripts'" -- ./script
is "a script of the right digest runs" "$st:$out" 0:ran
echo 'echo more' >>script
run -r "verify from '$WORK/scripts'" -- ./script
is "a script that was tampered with does not" "$st:$out" 126:
like "... it says which check" "$err" \
    "execve exec \"$WORK/script\" by $WORK/scripts:1: sha256 digest differs"
printf '#!%s/script2 -x\n' "$WORK" >script1
printf '#!%s/script\n' "$WORK" >script2
chmod 755 script1 script2
run -r "verify from '$WORK/scripts'" -- ./script1
is "... nor as the interpreter of an interpreter" "$st:$out" 126:
run -r "verify exec $WORK/script sha256 $good" -r 'allow exec class script' \
    -- ./script
is "... nor by a rule of the policy itself" "$st:$out" 126:
run -r 'set exec-check late' -r "verify from '$WORK/scripts'" -- ./script
is "... with set exec-check late it is not looked at" "$st:$(echo $out)" \
    "0:ran more"

# ---- what a digest does to who is refused: the action of its rule

for a in kill:137: abort:134: stop: deny:126: exit:125: warn:66:ran.evil; do
	w=${a%%:*}
	[ $w = stop ] && continue
	cp evil prog
	run -r "$w verify exec $WORK/prog sha256 $good" -- ./prog
	is "$w verify, early" "$w:$st:$(ran)" "$a"
	is "... with one line" \
	    "$(grep -c 'digest differs: expected' "$T/err")" 1
done
cp good prog

# ---- what was found right before is looked at again

cp good again
sleep 3.1	# so that it can be remembered
list again >agains
run -r "verify from '$WORK/agains'" -- sh -c './again; ./again; echo $?
    touch -d 2001-01-01 again; cat evil >again; touch -d 2001-01-01 again
    ./again; echo $?; cat '"$WORK"'/good >again; ./again; echo $?'
is "a file that was right, and then is not, and then is" "$(echo $out)" \
    "0 126 0"
rm -f again ran.*

# ---- -n

want="deny exec class static
deny exec class loader
set verify all
verify exec \"$WORK/prog\" sha256 $good"
run -n -r 'set verify all' -r "$rule" -r 'deny exec class { loader static }'
is "-n shows what it was told" \
    "$(echo "$out" | sed -n 's/	#.*//; /^verify\|^set verify\|^[a-z]* exec class/p')" "$want"
echo "$out" >plan.conf
run -n -f plan.conf
is "... and takes it again" \
    "$st:$(echo "$out" | sed -n 's/	#.*//; /^verify\|^set verify\|^[a-z]* exec class/p')" \
    "0:$want"

# ---- programs with a manifest of theirs, and nothing else runs

py=$(command -v python3)
for p in cc1 collect2 as ld; do
	gccs="$gccs $(gcc -print-prog-name=$p)"
done
for p in $gccs; do
	list "$(command -v "$p")"
done >tools
list "$ld" /bin/sh "$py" "$(command -v gcc)" "$(command -v cat)" >>tools
all="-r|set verify all|-r|verify from '$WORK/tools'"
IFS='|'
run $all -- sh -c 'echo a | cat; echo $?'
is "verify all: sh" "$st:$(echo $out)" "0:a
0"
run $all -- "$py" -c 'import json, subprocess
print(json.dumps(subprocess.run(["cat", "/dev/null"]).returncode))'
is "verify all: python3" "$st:$out" 0:0
run $all -- gcc -o made c.c
is "verify all: gcc" "$st:$err" 0:
run $all -- sh -c 'gcc -o made c.c && ./made; echo $?'
is "... but what it has made does not run" "$st:$out" 0:126
unset IFS

# ---- a large file does not hold up a small one

cp good large
if [ "${E2E_LONG:-}" = yes ]; then
	truncate -s 768M large
else
	truncate -s 384M large
fi
digest=$(sum large)
run -r "$rule" -r "verify exec $WORK/large sha256 $digest" -- \
    sh -c '(./large; echo large) & sleep 0.2; ./prog; echo small; wait'
is "a large file does not hold up a small one" "$(echo $out)" "small large"
rm -f ran.*
run -r "verify exec $WORK/large sha256 $digest" -- \
    sh -c '(./large; echo $?) & sleep 0.3; ls ran.*; cat evil 1<>large; wait'
like "it cannot be written while it is hashed" "$err" "Text file busy"
is "... and has not run until then" "$(echo $out):$(ran)" 0:ran.good
cat >large.sh <<'SH'
for i in 1 2; do
	./large
	echo $?
done
SH
sleep 3.1	# so that it can be remembered
run -r "verify exec $WORK/large sha256 $good" -- sh large.sh
case $(stat -f -c %T .) in
ext2/ext3 | xfs | btrfs | f2fs)
	is "a large file is read once, and then refused with an error" \
	    "$(echo $out):$(ran)" "137 126:" ;;
*)	skip "a large file is read once" "no digest is kept on this file system" ;;
esac
rm -f large

# ---- what has no listed file at all

cat >ways.py <<'PY'
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
evil = open(sys.argv[2], "rb").read()
argv = (ctypes.c_char_p * 2)(b"x", None)
env = (ctypes.c_char_p * 1)(None)
way = sys.argv[1]
if way.startswith("memfd"):
    fd = os.memfd_create("x", os.MFD_ALLOW_SEALING if way == "memfd" else 0)
    os.write(fd, evil)
else:
    fd = os.open(sys.argv[2], os.O_RDONLY)
if way == "tmpfile":
    fd = os.open(".", os.O_TMPFILE | os.O_RDWR, 0o700)
    os.write(fd, evil)
    ro = os.open("/proc/self/fd/%d" % fd, os.O_RDONLY)
    os.close(fd)
    fd = ro
if way == "deleted":
    os.unlink(sys.argv[2])
path, flags, dir = b"", 0x1000, fd
if way in ("proc", "memfd_proc", "tmpfile", "deleted"):
    path, flags, dir = b"/proc/self/fd/%d" % fd, 0, -100
if way == "dev":
    path, flags, dir = b"/dev/fd/%d" % fd, 0, -100
libc.syscall(322, dir, path, argv, env, flags)
PY
for way in memfd memfd_proc empty proc dev tmpfile deleted; do
	cp evil thing
	python3 ways.py $way thing
	case $way in
	tmpfile)	ran >/dev/null;;	# not on every file system
	*)	like "bare, an execution by $way" "$(ran)" ran.evil;;
	esac
	for c in early late; do
		cp evil thing
		run -r "set exec-check $c" -r "verify from '$WORK/tools'" \
		    -r 'set verify all' -- "$py" ways.py $way thing
		is "... does not run what is not listed, $c" "$(ran)" ""
	done
done
rm -f thing

# ---- mounted over: by who may, outside

# mounted PROG COMMAND: evil is mounted over PROG in a namespace of its own
mounted() {
	unshare -rm sh -c 'mount --bind evil "$1" && shift && exec "$@"' - "$@" \
	    >"$T/out" 2>"$T/err"
	st=$?
	err=$(cat "$T/err")
}
cp good prog
ran >/dev/null
if unshare -rm mount --bind evil prog 2>/dev/null; then
	mounted prog ./prog
	is "bare, what is mounted over a program runs" "$st:$(ran)" 66:ran.evil
	for c in early late; do
		no=126
		[ $c = early ] || no=137
		mounted prog timeout 30 "$PRIVSEP" -r "set exec-check $c" \
		    -r "verify exec $WORK/prog sha256 $good" -- ./prog
		is "what is mounted over a listed one does not, $c" \
		    "$st:$(ran)" $no:
		like "... it says so" "$err" "sha256 digest differs"
		cp good place
		mounted place timeout 30 "$PRIVSEP" -r "set exec-check $c" \
		    -r 'set verify all' \
		    -r "verify exec $WORK/prog sha256 $good" -- ./place
		is "... nor over one that is not listed, $c" "$st:$(ran)" $no:
	done
	rm -f place
else
	skip "what is mounted over a listed program does not run" \
	    "no user namespace to mount in"
fi

# ---- races: nothing but what is listed

cp "$HOME/bin/swapper" .
total=0
for mode in exchange replace symlink bytes write map fd files thread script \
    chain early; do
	check=late
	[ $mode = early ] && check=early mode=exchange
	rm -f target* ran.*
	t=$WORK/target
	case $mode in
	exchange | thread | script | chain)
			cp good target; cp evil target.other;;
	fd | files)	cp good target;;
	symlink)	ln -s good target;;
	bytes)		cp good target;;
	write | map)	cp good target; ln target target.other;;
	replace)	cp good target;;
	esac
	list good swapper "$ld" >races
	echo "$t sha256 $good" >>races
	LIMIT=60 run -r "set exec-check $check" -r 'set verify all' \
	    -r "verify from '$WORK/races'" -- \
	    ./swapper $mode 1000 6 "$t" "$WORK/good" "$WORK/evil"
	echo "# $out"
	like "race, $mode, $check: zero others ran" "$st:$out" "^0:$mode .* evil 0 "
	unlike "race, $mode, $check: ... nor did one of their instructions" \
	    "$(ran)" evil
	set -- $out
	[ "${5:-0}" -gt 0 ] && [ $((${9:-0} + ${11:-0})) -gt 0 ]
	ok "race, $mode, $check: it ran as listed, and was refused otherwise" "$out"
	total=$((total + ${3:-0}))
done
[ $total -gt 3000 ]
ok "more than 3000 executions were raced" "$total"
echo "# executions raced: $total"
rm -f target* ran.*
cp good target
cp evil target.other
set -- $(./swapper exchange 500 3 "$WORK/target" "$WORK/good" "$WORK/evil")
[ "${7:-0}" -gt 0 ]
ok "bare, the same race does run the other" "$*"
