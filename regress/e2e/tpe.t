#!/bin/sh
# Trusted path execution, classes of executables, and what is done about them:
# what others could have written does not run, by whatever name it is called.
PASSES=together
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"

# A program whose first instruction makes a file: no library, no loader.
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
ran() {
	echo $(ls ran.* 2>/dev/null)
	rm -f ran.*
}
me=$(id -u)
# Ours, and those of whoever runs the test, to begin with.
tpe() {
	run -r 'set tpe yes' -r 'tpe owner user' "$@"
}
make() {	# DIR MODE: a program in a directory
	mkdir -p "$1" && cp good "$1/prog" && chmod 755 "$1/prog" &&
	    chmod "$2" "$1"
}

# ---- file and directories

make d 755
tpe -- d/prog
is "mine, and nobody else can write: runs" "$st:$(ran)" 0:ran.good
for m in 775 757 777; do
	chmod $m d/prog
	tpe -- d/prog
	is "file of mode $m: refused, early" "$st:$(ran)" 126:
done
like "... which check, found, expected, who says so, how to allow it" "$err" \
    "denied: pid [0-9]+ \(.*\) execve exec \"$WORK/d/prog\" by -r:1: not trusted: file has mode 0777, expected no write bit for others; to allow: tpe trust \"$WORK/d/prog\"$"
allow=$(printf '%s\n' "$err" | sed -n 's/.*; to allow: //p')
tpe -r "$allow" -- d/prog
is "... the line that it gives allows it" "$st:$(ran)" 0:ran.good
chmod 775 d/prog
tpe -r 'tpe group user' -- d/prog
is "file of mode 775, of a group that does no harm: runs" "$st:$(ran)" \
    0:ran.good
tpe -r 'tpe group 12345' -- d/prog
is "... of another group: not" "$st:$(ran)" 126:
chmod 755 d/prog
for m in 775 757 1777; do
	chmod $m d
	tpe -- d/prog
	is "in a directory of mode $m: refused" "$st:$(ran)" 126:
done
like "... names the directory" "$err" \
    "not trusted: directory $WORK/d has mode 1777, expected no write bit"
make d/sub 755
tpe -- d/sub/prog
is "a directory of mine in a sticky one: runs" "$st:$(ran)" 0:ran.good
chmod 777 d
tpe -- d/sub/prog
is "... in one that is not sticky: refused" "$st:$(ran)" 126:
chmod 755 d
tpe -r "tpe trust under \"$WORK/d\"" -- d/sub/prog
is "below a root" "$st:$(ran)" 0:ran.good
chmod 777 d/sub
tpe -r "tpe trust under \"$WORK/d\"" -- d/sub/prog
is "... nothing more is asked" "$st:$(ran)" 0:ran.good
tpe -r "tpe trust under \"$WORK/d/su\"" -- d/sub/prog
is "... a name that only begins so is no root" "$st:$(ran)" 126:
tpe -r "tpe trust \"$WORK/d\"" -- d/sub/prog
is "... and a path without under is one file" "$st:$(ran)" 126:
chmod 755 d/sub
# acl_ea.h: version, then tag, permissions and ID of each entry
cat >acl.py <<'PY'
import os, struct
acl = ((1, 7, -1), (2, 7, 12345), (4, 5, -1), (16, 7, -1), (32, 5, -1))
os.setxattr("d/prog", "system.posix_acl_access", struct.pack("<I", 2) +
    b"".join(struct.pack("<HHi", *e) for e in acl))
PY
if /usr/bin/python3 acl.py 2>/dev/null; then
	tpe -- d/prog
	is "an access list that lets somebody write" "$st:$(ran)" 126:
	like "... by its mask" "$err" "file has mode 0775"
	rm d/prog && make d 755
else
	skip "an access list that lets somebody write" "none on this file system"
fi
run -r 'set tpe yes' -- d/prog
if [ "$me" -eq 0 ]; then
	is "root is trusted" "$st:$(ran)" 0:ran.good
	chown 12345 d/prog
	tpe -- d/prog
	is "a file of another user" "$st:$(ran)" 126:
	like "... whose, and whose it should be" "$err" \
	    "not trusted: file belongs to user 12345, expected 0;"
	tpe -r 'tpe owner { 12345 }' -- d/prog
	is "... who is trusted" "$st:$(ran)" 0:ran.good
	chown 0 d/prog
	mkdir link
	ln d/prog link/prog
	chmod 4755 d/prog
	chown 12345 link
	tpe -- link/prog
	is "root's setuid program linked into somebody's directory" \
	    "$st:$(ran)" 126:
	like "... because of that" "$err" \
	    "directory $WORK/link belongs to user 12345, expected 0;"
	chmod 755 d/prog
else
	is "the user is not trusted unless the policy says so" \
	    "$st:$(ran)" 126:
	like "... whose it is, and whose it should be" "$err" \
	    "not trusted: file belongs to user $me, expected 0;"
	tpe -r "tpe owner $me" -- d/prog
	is "... by number too" "$st:$(ran)" 0:ran.good
	cp /bin/true mine
	run -r 'set tpe yes' -- sh -c 'cp mine mine2 && ./mine2; echo $?
	    /bin/true; echo $?'
	is "what a program makes does not run, what root installed does" \
	    "$(echo $out)" "126 0"
fi

# ---- other names for the same

make bad 777
ln -s bad/prog l
mkdir -p d/links
ln -s "$WORK/bad/prog" d/links/prog
ln -s "$WORK/d/prog" bad/link
ln -s bad dirlink
cat >exec.py <<'PY'
import ctypes, os, sys
how, name = sys.argv[1:]
fd = os.open(name, os.O_RDONLY)
if how == "fexecve":
    os.execve(fd, ["x"], {})
os.set_inheritable(fd, True)
os.execve("/proc/self/fd/%d" % fd, ["x"], {})
PY
for n in ./l d/links/prog dirlink/prog d/../bad/prog ./bad/./prog \
    "$WORK/bad/../d/../bad//prog"; do
	tpe -- "$n"
	is "untrusted, called $n" "$st:$(ran)" 126:
done
for n in bad/link d/../d/prog bad/../d/prog; do
	tpe -- "$n"
	is "trusted, called $n" "$st:$(ran)" 0:ran.good
done
for how in fexecve procfd; do
	tpe -r 'tpe trust /usr/bin' -- /usr/bin/python3 exec.py $how bad/prog
	like "untrusted, by $how" "$st:$(ran)" '^1:$'
	tpe -- /usr/bin/python3 exec.py $how d/prog
	is "trusted, by $how" "$st:$(ran)" 0:ran.good
done
tpe -- sh -c 'cd bad && ./prog'
is "untrusted, from its directory" "$st:$(ran)" 126:

# ---- while it runs

tpe -- sh -c 'd/prog && rm ran.good; chmod 777 d; d/prog; echo $?
    chmod 755 d; d/prog; echo $?; chmod 777 d/prog; d/prog; echo $?
    chmod 755 d/prog; mv d e; mkdir -m 777 d; cp e/prog d; d/prog; echo $?'
is "modes that change, and a directory that is exchanged" "$(echo $out)" \
    "126 0 126 126"
rm -rf ran.good d && mv e d
tpe -- sh -c 'd/prog; echo $?; mv d/sub d/x; mkdir d/sub; chmod 777 d/sub
    cp good d/sub/prog; d/sub/prog; echo $?; rm -rf d/sub; mv d/x d/sub
    d/sub/prog; echo $?'
is "... deeper" "$(echo $out):$(ran)" "0 126 0:ran.good"

# ---- interpreters

ld=$(readlink -f /lib64/ld-linux-x86-64.so.2)
mkdir -p interp
cp "$ld" interp/ld.so
printf 'int main(void) { return (5); }' >c.c
gcc -o withld -Wl,--dynamic-linker="$WORK/interp/ld.so" c.c
tpe -- ./withld
is "an ELF interpreter of mine" "$st" 5
chmod 777 interp
tpe -- ./withld
is "... in a directory of others: an error" "$st" 126
like "... and why" "$err" \
    "execve exec \"$WORK/interp/ld.so\" by -r:1: not trusted: directory $WORK/interp has mode 0777.*; to allow: tpe trust \"$WORK/interp/ld.so\"$"
tpe -r 'set exec-check late' -- ./withld
is "... late: not one instruction runs" "$st" 137
chmod 755 interp
chmod 775 interp/ld.so
tpe -- ./withld
is "... that others can write" "$st" 126
run -r 'warn exec class untrusted' -r 'tpe owner user' -- ./withld
is "... warned of" "$st:$(echo "$err" | grep -c 'warned: ')" 5:1
run -r 'exit exec class untrusted' -r 'tpe owner user' -- ./withld
is "... the end of the run" "$st:$(echo "$err" | grep -c 'ended: ')" 125:1
printf '#!/bin/sh\necho one\n./two.sh\n' >one.sh
printf '#!/usr/bin/env python3\nimport subprocess\nprint("two", flush=True)\nsubprocess.run(["./three.pl"])\n' >two.sh
printf '#!/usr/bin/perl\nprint "three\\n";\n' >three.pl
chmod 755 one.sh two.sh three.pl
env PATH=/usr/bin:/bin ./one.sh >chain.bare
PATH=/usr/bin:/bin tpe -- ./one.sh
is "a chain of scripts" "$st:$out" "0:$(cat chain.bare)"
chmod 775 two.sh
PATH=/usr/bin:/bin tpe -- ./one.sh
is "... one of them not trusted" "$st:$out" "126:one"
chmod 755 two.sh
run -r 'warn exec class untrusted' -r 'tpe owner user' -- ./one.sh
is "... none to warn of" "$(echo "$err" | grep -c warned)" 0
chmod 777 three.pl
PATH=/usr/bin:/bin run -r 'warn exec class untrusted' -r 'tpe owner user' \
    -- ./one.sh
is "... one" "$st:$out:$(echo "$err" | grep -c 'warned: .*three.pl')" \
    "0:$(cat chain.bare):1"
chmod 755 three.pl
cp good int && chmod 775 int
printf '#!%s\n' "$WORK/int" >s.sh && chmod 755 s.sh
tpe -- ./s.sh
is "a script's interpreter that others can write" "$st:$(ran)" 126:

# ---- mounts: in a mount namespace of their own

if [ "$me" -eq 0 ] && unshare -m true 2>/dev/null; then
	make mnt 755
	make over 777
	cp evil over/prog
	unshare -m sh -c "mount --bind over mnt && exec '$PRIVSEP' \
	    -r 'set tpe yes' -- mnt/prog" 2>/dev/null
	is "a directory of others mounted over one of mine" "$?:$(ran)" 126:
	chmod 777 over/prog
	unshare -m sh -c "mount --bind over/prog mnt/prog && exec '$PRIVSEP' \
	    -r 'set tpe yes' -- mnt/prog" 2>/dev/null
	is "a file of others mounted over one of mine" "$?:$(ran)" 126:
	chmod 755 over/prog
	rm -f ready gone
	unshare -m sh -c "'$PRIVSEP' -r 'set tpe yes' -- sh -c 'mnt/prog
	    echo \$?; >ready; while [ ! -e gone ]; do sleep 0.1; done
	    mnt/prog; echo \$?' >mounted & 
	    while [ ! -e ready ]; do sleep 0.1; done
	    mount --bind over mnt; >gone; wait" 2>/dev/null
	is "... mounted while it runs" "$(echo $(cat mounted)):$(ran)" \
	    "0 126:ran.good"
else
	skip "mounts over what is trusted" "no mount namespace here"
fi

# ---- classes

cat >nullargv.c <<'C'
#include <errno.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>
int
main(int argc, char **argv)
{
	char	*none[] = { NULL }, *empty[] = { "", NULL };
	char	*one[] = { "x", NULL }, *two[] = { "", "", NULL };
	char	**v[] = { NULL, none, empty, one, two };

	(void)argc;
	syscall(SYS_execve, argv[2], v[argv[1][0] - '0'], NULL);
	printf("%d\n", errno);
	return (1);
}
C
gcc -o nullargv nullargv.c
for c in "0 NULL 1:13:" "1 nothing 1:13:" "2 an-empty-string 137::" \
    "3 a-name 0::ran.good" "4 two-empty-strings 0::ran.good"; do
	set -- $c
	run -r 'deny exec class nullargv' -- ./nullargv $1 ./good
	is "deny exec class nullargv: started with $2" "$st:$out:$(ran)" "$3"
	run -- ./nullargv $1 ./good
	is "... runs without the rule" "$st:$out:$(ran)" 0::ran.good
done
run -r 'warn exec class nullargv' -- ./nullargv 1 ./good
is "warn exec class nullargv" "$st:$(ran):$(echo "$err" |
    grep -c 'warned: .*class nullargv')" 0:ran.good:1
run -r 'deny exec class writable' -- ./good
is "deny exec class writable: where the rules allow to write" \
    "$st:$(ran)" 126:
like "... what they allow" "$err" "class writable: the rules allow write; to allow: allow exec class writable$"
run -r 'deny exec class writable' -r "deny write, create under \"$WORK/d\"" \
    -- d/prog
like "... where they do not" "$st" '^0$'
rm -f ran.*
run -r 'deny exec class writable' -- /bin/true
is "... the system" "$st" 0
run -r 'deny exec class writable' -r "deny write, create \"$WORK/withld\"" -- \
    ./withld
is "... an ELF interpreter" "$st" 126
cp good busy
run -- sh -c 'exec 3>>busy; ./busy; echo $?'
is "open for writing: the kernel's error" "$out:$(ran)" "126:"

printf '.globl _start\n_start: movl $1,%%eax\n xorl %%ebx,%%ebx\n int $0x80\n' >a.s
if as --32 -o a.o a.s 2>/dev/null && ld -m elf_i386 -o old a.o 2>/dev/null; then
	run -- ./old
	is "32bit never runs" "$st" 137
	run -r 'deny exec class 32bit' -- ./old
	is "... with a rule it fails early" "$st" 126
	run -r 'kill exec class 32bit' -- sh -c './old; echo $?'
	is "... or as the rule says" "$out" 137
else
	skip "32bit never runs" "as --32 and ld -m elf_i386 make none"
fi
cat >memfd.py <<'PY'
import os
fd = os.memfd_create("x")
os.write(fd, open("good", "rb").read())
try:
    os.execve(fd, ["x"], {})
except OSError as e:
    print(e.errno)
PY
run -- /usr/bin/python3 memfd.py
is "memfd never runs" "$out:$(ran)" "13:"

# ---- what is done about it

gcc -no-pie -o nonpie c.c
for a in "deny 126:126 denied" "warn 5:5 warned" "kill 125:137 killed" \
    "stop - stopped" "abort 134:134 aborted" "exit 125: ended"; do
	set -- $a
	[ "$1" = stop ] && continue
	run -r "$1 exec class nonpie" -- sh -c './nonpie; echo $?'
	is "$1 exec class nonpie" "$st:$out" "$(case $1 in
	    exit) echo 125:;; *) echo "0:${2#*:}";; esac)"
	is "... its line" "$(echo "$err" | grep -c "$3: .*by -r:1: .*nonpie")" 1
done
run -r 'warn exec class { nonpie dynamic }' -r 'kill exec class nonpie' -- \
    sh -c './nonpie; echo $?'
is "of several the strongest" "$out" 137
zero=$(printf '%064d' 0)
for a in "deny 126 denied" "warn 5 warned" "kill 137 killed" \
    "exit - ended"; do
	set -- $a
	run -r "$1 verify exec \"$WORK/nonpie\" sha256 $zero" -- \
	    sh -c './nonpie; echo $?'
	is "$1 verify" "${out:--}" "$2"
	is "... its line" "$(echo "$err" | grep -c "$3: .*digest differs")" 1
done
run -r 'warn exec class unlisted' -- ./nonpie
is "warn exec class unlisted" "$st:$(echo "$err" | grep -c 'warned: .*no digest')" 5:2
run -r "verify exec \"$WORK/nonpie\" verity-sha256 $zero" -- ./nonpie
is "no fs-verity: the lack is named" "$st" 126
like "... in the line" "$err" "verity-sha256 digest is not there: expected $zero, found none, .*fs-verity"

chmod 777 d/prog three.pl
tpe -r 'set exec-check late' -- sh -c 'd/prog; echo $?'
is "set exec-check late: not early, but not one instruction" \
    "$out:$(ran)" 137:
run -r 'set exec-check late' -r 'deny exec class nonpie' -- \
    sh -c './nonpie; echo $?'
is "... a class" "$out" 137
tpe -r 'set exec-check late' -- ./three.pl
is "... nobody looks at a script" "$st:$out" 0:three
run -r 'set exec-check late' -r 'deny exec class script' -- ./three.pl
is "... but for that" "$st" 126
chmod 755 d/prog three.pl

run -M generate -a verity-sha256 good
[ "$st" -ne 0 ] && ! printf '%s\n' "$out" | grep -q verity-sha256
ok "a manifest of fs-verity digests is not made up" "$st:$out" "$err"

# ---- -n, -n -j, -L

cat >p.conf <<CONF
profile "default"
set tpe yes
tpe owner { user 33 }
tpe group 33
tpe trust under { /opt "/srv/x y" }
tpe trust "/usr/local/bin/\\\$a"
warn exec class script
kill exec class { nullargv execstack }
exit exec class unlisted
abort verify exec "/usr/bin/none" verity-sha256 $zero
CONF
said() {
	sed -n 's/	#.*//; /^set tpe\|^tpe\|^[a-z]* exec class\|verify exec/p'
}
run -n -f p.conf
want="warn exec class script
kill exec class execstack
kill exec class nullargv
set tpe yes
exit exec class unlisted
tpe owner $me
tpe owner 33
tpe group 33
tpe trust under \"/opt\"
tpe trust under \"/srv/x y\"
tpe trust \"/usr/local/bin/\\\$a\"
abort verify exec \"/usr/bin/none\" verity-sha256 $zero"
is "-n shows it" "$(printf '%s\n' "$out" | said)" "$want"
printf '%s\n' "$out" >again.conf
run -n -v -f again.conf
is "... and takes it again" "$st:$(printf '%s\n' "$out" | said)" "0:$want"
run -n -j -f p.conf
is "... as JSON" "$(printf '%s\n' "$out" | jq -r '.statements[].statement' | said)" \
    "$want"
rm -f learned
run -L learned -r 'set tpe yes' -r 'tpe owner user' \
    -r 'warn exec class script' -- ./one.sh
is "-L keeps what was said" "$(said <learned)" "warn exec class script
set tpe yes
tpe owner $me"
run -f learned -- ./one.sh
is "... and the policy works" "$st:$out" "0:$(cat chain.bare)"

# ---- real programs, with the default profile and the documented lines

real() {	# NAME COMMAND: as bare
	e2e_what=$1
	shift
	"$@" >real.bare 2>/dev/null </dev/null
	e2e_bare=$?
	LIMIT=120 run -r 'set tpe yes' -r "tpe trust under /root" "$@"
	is "$e2e_what" "$st:$out" "$e2e_bare:$(cat real.bare)"
	is "... without a denial" "$(echo "$err" | grep -c 'not trusted')" 0
}
real python3 /usr/bin/python3 -c 'import subprocess, ssl, json
print(subprocess.check_output(["uname"]))'
real perl perl -MPOSIX -e 'print `uname`, POSIX::floor(3.5), "\n"'
have node && real node node -e \
    'console.log(require("child_process").execSync("uname").toString())'
have java && real java java -version
mkdir -p proj
cat >proj/Makefile <<'M'
out: main.o part.o
	gcc -o $@ main.o part.o
	./out
M
printf 'int part(void);\nint main(void) { return (part()); }\n' >proj/main.c
printf 'int part(void) { return (0); }\n' >proj/part.c
build_with() {
	rm -f proj/out proj/*.o
	run -r 'set tpe yes' "$@" -- sh -c 'make -s -C proj; echo $?'
}
build_with
if [ "$me" -eq 0 ]; then
	is "make: root's programs are root's" "$out" 0
else
	is "make: what was just built is the user's, and does not run" \
	    "$out" 2
	like "... and why" "$err" "proj/out\" by -r:1: not trusted: file belongs to user $me"
fi
build_with -r 'tpe owner user'
is "make, with: tpe owner user" "$out" 0
build_with -r "tpe trust under \"\$WORKDIR\""
is "make, with: tpe trust under \$WORKDIR" "$out" 0
if have go; then
	mkdir -p go && printf 'package main\nimport "fmt"\nfunc main() { fmt.Println("go") }\n' >go/main.go
	(cd go && GOCACHE=$T/cache GO111MODULE=off go build -o hello main.go) \
	    >/dev/null 2>&1
	if [ -x go/hello ]; then
		tpe -- go/hello
		is "a Go program" "$st:$out" 0:go
	else
		skip "a Go program" "go build made none"
	fi
fi

# ---- races: one that is trusted against one that is not

cp "$HOME/bin/swapper" .
chmod 755 swapper good
chmod 777 evil
total=0
for mode in exchange replace symlink bytes; do
	rm -f target* ran.*
	t=$WORK/target
	case $mode in
	exchange)	cp good target; cp evil target.other
			chmod 777 target.other;;
	symlink)	ln -s good target;;
	*)		cp good target;;
	esac
	LIMIT=90 tpe -- ./swapper $mode ${ATTEMPTS:-2500} ${SECONDS_MAX:-12} \
	    "$t" "$WORK/good" "$WORK/evil"
	echo "# $out"
	like "race, $mode: zero others ran" "$st:$out" "^0:$mode .* evil 0 "
	unlike "race, $mode: ... nor did one of their instructions" \
	    "$(ran)" evil
	set -- $out
	[ "${5:-0}" -gt 0 ] && [ $((${9:-0} + ${11:-0})) -gt 0 ]
	ok "race, $mode: it ran as trusted, and was refused otherwise" "$out"
	total=$((total + ${3:-0}))
done
[ $total -gt 1000 ]
ok "more than 1000 executions were raced" "$total"
echo "# executions raced: $total"
