#!/bin/sh
# Every role under valgrind's memcheck, at work for a command that does what
# commands do and what is denied: no error, nothing lost.  The objects are
# those that are shipped; what stands between them and valgrind is vg_shim.c.
# As root and as an ordinary user.  For make valgrind.
if ! command -v valgrind >/dev/null; then
	echo "1..0 # SKIP no valgrind"
	exit 0
fi
build=${BUILD:-build}
if [ ! -x "$build/valgrind/spoilt" ]; then
	echo "1..0 # SKIP no $build/valgrind: make valgrind"
	exit 1
fi
umask 022
top=$(mktemp -d /tmp/valgrind.XXXXXXXXXX) || exit 1
trap 'kill $dns 2>/dev/null; rm -rf "$top"' EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$top"
mkdir -m 1777 "$top/tmp"
cp -r "$build/valgrind" "$top/bin"
cp "$build/regress/nameserver" "$top/bin/"
chmod -R go+rX "$top/bin"
unset TMPDIR
dns=
n=0
LIMIT=240	# seconds for one run, of which it needs ten

ok() {	# STATUS NAME DETAIL...
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
		return
	fi
	echo "not ok $n - $2"
	shift 2
	for t; do
		printf '%s\n' "$t" | head -60 | sed 's/^/#   /'
	done
}

# ---- nothing of it is in the program
grep -q -a 'checked: %s' "$build/valgrind/privsep-sandbox"
ok $? "what has no filters can be told from what has"
! grep -q -a 'checked: %s' "$PRIVSEP"
ok $? "the program has nothing of it"
! grep -rn -i -e valgrind -e VG_ common monitor proto worker >"$top/grep"
ok $? "no source of the program knows of it" "$(cat "$top/grep")"

# ---- what is run inside
cat >"$top/work.sh" <<'SH'
cat here a.secret nonexistent; cat /etc/hostname ~/.ssh/id
cat /etc/shadow >/dev/null
ls -la . /usr /nonexistent; stat here a.secret
ln -s here s; cat s; ln here l; mv l m; mv m a.secret; rm -f s m nonexistent
mkdir d; rmdir d; mkfifo p; rm p; echo >../x; ln a.secret x
chmod 600 here; touch -d 2020-01-01 here; chown 0:0 here; truncate -s 3 here
head -c 100 /proc/self/status; cat /proc/1/environ; cat /proc/$$/maps
sh -c 'ulimit -c 0; kill -SEGV $$'; sh -c 'kill -9 $$'
./fine; ./x.evil; ./script; ./bad; /lib64/ld-linux-x86-64.so.2 ./fine
/usr/bin/python3 - <<'PY'
import ctypes, mmap, os, socket, threading
def tried(f, *a):
    try: print(f.__name__, f(*a))
    except Exception as e: print(f.__name__, e)
tried(ctypes.CDLL, './lib.so'); tried(ctypes.CDLL, './lib.evil')
tried(os.setxattr, 'here', 'user.a', b'b'); tried(os.listxattr, 'here')
tried(os.getxattr, 'here', 'user.a'); tried(os.removexattr, 'here', 'user.a')
tried(os.open, '.', os.O_TMPFILE | os.O_RDWR); tried(os.statvfs, '.')
tried(os.utime, 'a.secret'); tried(os.chdir, '/usr'); tried(os.chdir, '..')
os.chdir(os.environ['PWD'])
def talk(family, kind, own, to):
    s = socket.socket(family, kind); s.settimeout(20)
    tried(s.bind, own)
    if kind == socket.SOCK_STREAM: tried(s.listen, 1)
    t = socket.socket(family, kind); t.settimeout(20)
    tried(t.connect, to or s.getsockname()); tried(t.send, b'x')
    tried(t.sendto, b'x', to or s.getsockname())
    tried(t.sendmsg, [b'x', b'y'], [], 0, to or s.getsockname())
    if kind == socket.SOCK_STREAM and not to: tried(s.accept)
    tried(t.getsockname); tried(t.getpeername)
    s.close(); t.close()
for kind in socket.SOCK_STREAM, socket.SOCK_DGRAM:
    for family, own, to in (socket.AF_INET, ('127.0.0.1', 0), None), \
        (socket.AF_INET, ('127.0.0.1', 0), ('127.0.0.1', 1)), \
        (socket.AF_INET6, ('::1', 0), ('::1', 1)), \
        (socket.AF_INET, ('0.0.0.0', 1), ('192.0.2.1', 9)), \
        (socket.AF_UNIX, 'sock', 'sock'), \
        (socket.AF_UNIX, '\0abstract', '\0abstract'):
        tried(talk, family, kind, own, to)
    tried(os.unlink, 'sock')
for name in 'good.test', 'other.test', 'a.wild.test':
    tried(socket.getaddrinfo, name, 1)
def many():
    for i in range(20): tried(open, 'a.secret'); tried(os.stat, 'here')
ts = [threading.Thread(target=many) for i in range(4)]
for t in ts: t.start()
for t in ts: t.join()
print('python ended')
PY
i=0; while [ $i -lt 40 ]; do read -r x <here; read -r x <a.secret
	i=$((i + 1)); done
: >done
while [ ! -e go ]; do sleep 0.2; done
cat late
exit 7
SH

# said WORD: "ROLE PID", of those who said it.
said() {
	cat "$logs"/* 2>/dev/null | sed -n "s/^.*$1: \([a-z]* [0-9]*\)\$/\1/p"
}

# Of each role one looks for leaks: most will end by SIGKILL.  Lanes come and
# go, and with them their numbers.
look() {
	for r in $roles; do
		while kill -0 $run 2>/dev/null &&
		    ! said checked | grep -q "^$r "; do
			for p in $(said 'at work' | sed -n "s/^$r //p"); do
				grep -q -s -e '^memcheck' -e '^privsep' \
				    /proc/$p/comm && kill -50 $p
			done
			sleep 0.5
		done
	done
}

# at_work BINARY NAME ROLES ARGS...: in $d, as $as; $st, $logs
at_work() {
	binary=$1 logs=$d/log.$2 roles=$3
	shift 3
	rm -rf "$logs" "$d/work/done" "$d/work/go"
	mkdir -m 700 "$logs"
	[ "$uid" -eq "$(id -u)" ] || chown "$uid" "$logs"
	( cd "$d/work" && timeout -k 5 $LIMIT $as env -i PATH=/usr/bin:/bin \
	    HOME="$d" USER=x PWD="$d/work" valgrind -q --vgdb=no \
	    --trace-children=yes --trace-children-skip='/bin/*,/usr/*,./*' \
	    --leak-check=full --errors-for-leak-kinds=definite \
	    --show-leak-kinds=definite --child-silent-after-fork=no \
	    --log-file="$logs/%p" "$top/bin/$binary" "$@" sh ./work.sh \
	    >"$logs.out" 2>"$logs.err" </dev/null; echo $? >"$logs.st" ) &
	run=$!
	while [ ! -e "$d/work/done" ] && kill -0 $run 2>/dev/null; do
		sleep 0.2
	done
	look
	echo late >"$d/work/late"
	: >"$d/work/go"
	wait $run
	st=$(cat "$logs.st")
}

clean() {	# WHAT NAME ROLES ARGS...
	what=$1
	shift
	at_work privsep-sandbox "$@"
	[ "$st" = 7 ] && grep -q '^late$' "$logs.out" &&
	    grep -q '^python ended$' "$logs.out"
	ok $? "$pass: $what: it ran to its end" "status $st" \
	    "$(tail -5 "$logs.err")"
	for r in $roles; do
		said checked | grep -q "^$r "
		ok $? "$pass: $what: $r has been looked at"
	done
	! cat "$logs"/* | grep -v -e ' checked: ' -e ' at work: ' >"$logs.said"
	ok $? "$pass: $what: no error, nothing lost" "$(cat "$logs.said")"
}

pass() {	# name, uid
	pass=$1 uid=$2 d=$top/$1
	mkdir -p "$d/work" "$d/.ssh"
	cp "$top/work.sh" "$d/work/"
	echo SECRET >"$d/work/a.secret"
	echo SECRET >"$d/.ssh/id"
	echo here >"$d/work/here"
	cp /bin/true "$d/work/fine"
	cp /bin/true "$d/work/x.evil"
	printf '#!/bin/sh\necho script\n' >"$d/work/script"
	head -c 3000 /bin/true >"$d/work/bad"
	chmod +x "$d/work/script" "$d/work/bad"
	lib=$(ldd /bin/ls | sed -n 's,.*=> \(/.*\) (.*,\1,p' | head -1)
	cp "$lib" "$d/work/lib.so"
	cp "$lib" "$d/work/lib.evil"
	cat >"$d/base.conf" <<-CONF
	profile "default"
	deny read, rename glob "$d/work/*.secret"
	deny exec glob "$d/work/*.evil"
	CONF
	cat >"$d/net.conf" <<-CONF
	include "base.conf"
	set libraries yes
	set tpe yes
	tpe owner user
	verify exec "$d/work/fine" sha256 $(sha256sum <"$d/work/fine" |
	    cut -c1-64)
	deny exec class { execstack loader nullargv }
	set wx yes
	set nameserver "127.0.0.1" port $port
	allow net bind, connect tcp to 127.0.0.1
	allow net accept tcp from any
	allow net bind, connect, send udp to 127.0.0.1
	allow net bind, connect, send unix path "$d/work/sock"
	allow net connect tcp to { host "good.test" host "*.wild.test" } \\
	    within loopback port 1
	CONF
	chmod go-w "$d"/*.conf
	as=
	if [ "$uid" -ne "$(id -u)" ]; then
		chown -R "$uid:$uid" "$d"
		as="setpriv --reuid=$uid --regid=$uid --clear-groups"
	fi
	clean "all files brokered" watched \
	    "monitor receiver policy lane integrity" \
	    -w -l "$d/log" -f "$d/base.conf" --
	clean "network, names, libraries, digests" net \
	    "monitor receiver policy lane integrity resolver" \
	    -l "$d/log" -f "$d/net.conf" --
	clean "learning" learned \
	    "monitor receiver policy lane integrity learn" \
	    -L "$d/learned.conf" --
	! grep -q "$(hostname)" "$d/learned.conf" && [ -s "$d/learned.conf" ]
	ok $? "$pass: learning: it wrote a policy"
}

"$top/bin/nameserver" "$top/asked" >"$top/port" &
dns=$!
while [ ! -s "$top/port" ] && kill -0 $dns; do
	sleep 0.1
done
port=$(cat "$top/port")
if [ "$(id -u)" -eq 0 ]; then
	pass root 0
	pass user 65534
else
	pass user "$(id -u)"
fi

# ---- it would have said so, of each
every="monitor receiver policy lane integrity"
at_work spoilt asked "$every resolver" -w -f "$d/net.conf" --
at_work spoilt learned "$every learn" -L "$d/spoilt.conf" --
for r in $every resolver learn; do
	f=$(grep -l " checked: $r " "$d"/log.asked/* "$d"/log.learned/*)
	[ -n "$f" ] && grep -q 'depends on uninitialised value' $f &&
	    grep -q 'bytes in .* are definitely lost' $f
	ok $? "what is spoilt in $r is seen" "$f"
done
echo "1..$n"
