#!/bin/sh
# Rules with host names: the resolver looks up what they allow, pins what it
# found, and nothing else leaves for a name server.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"
if ! have python3; then
	skip "host names" "no python3"
	exit 0
fi

# ---- a name server and a TCP server, on this host
LOG=$T/asked
: >"$LOG"
"$HOME/bin/nameserver" "$LOG" >"$T/dns.port" &
dns=$!
cat >server.py <<'PY'
import socket
s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(64)
print(s.getsockname()[1], flush=True)
while True:
    c, _ = s.accept(); c.sendall(b'hello'); c.close()
PY
python3 server.py >"$T/tcp.port" &
tcp=$!
trap 'kill $dns $tcp 2>/dev/null' EXIT
n=0
while { [ ! -s "$T/dns.port" ] || [ ! -s "$T/tcp.port" ]; } &&
    [ $n -lt 300 ]; do
	sleep 0.1; n=$((n + 1))
done
D=$(cat "$T/dns.port")
P=$(cat "$T/tcp.port")

# NAME PORT: what getaddrinfo(3) and connect(2) say.
cat >client.py <<'PY'
import errno, socket, sys
def go(name, port):
    try: a = socket.getaddrinfo(name, port, socket.AF_INET,
        socket.SOCK_STREAM)
    except socket.gaierror as e:
        return {-2: 'NONAME', -3: 'AGAIN', -5: 'NODATA'}.get(e.errno,
            str(e.errno))
    r = []
    for x in a:
        try:
            c = socket.socket(); c.settimeout(20); c.connect(x[4])
            r.append(x[4][0] + ' ' + c.recv(9).decode())
        except OSError as e:
            r.append(x[4][0] + ' ' + errno.errorcode.get(e.errno, str(e)))
    return ', '.join(r)
for i in range(1, len(sys.argv), 2):
    print(go(sys.argv[i], int(sys.argv[i + 1])))
PY
LIMIT=120
cat >base.conf <<CONF
profile "default"
set nameserver "127.0.0.1" port $D
CONF
within() {	# NAME...: rules that let it lead to this host
	cat base.conf
	printf 'allow net connect tcp to { '
	for i; do printf 'host "%s" ' "$i"; done
	printf '} within loopback port %s\n' "$P"
}
asked() {	# lines about NAME
	grep -c "^$1 " "$LOG"
}

# ---- what is allowed resolves and connects; nothing else does
within good.test '*.wild.test' alias.test >p.conf
run -f p.conf -- python3 client.py good.test $P a.wild.test $P \
    a.b.wild.test $P alias.test $P GOOD.Test. $P
is "allowed names resolve by getaddrinfo(3), and connect" "$out" \
    "127.0.0.1 hello
127.0.0.1 hello
127.0.0.1 hello
127.0.0.1 hello
127.0.0.1 hello"
is "... without a line" "$err" ""
run -f p.conf -- python3 client.py evil.test $P wild.test $P \
    data.good.test $P x.evil.wild.test.evil.test $P
is "names that no rule allows are not there" "$out" \
    "NONAME
NONAME
NONAME
NONAME"
like "... and their line says which, and what would allow it" "$err" \
    'denied: pid [0-9]+ \(python3\) lookup net name host evil\.test .*to allow: allow net connect tcp to host "evil\.test"'
is "... and no name server was asked for them" \
    "$(grep -c -E 'evil|^wild|data' "$LOG")" 0
run -f p.conf -j -- python3 client.py evil.test $P
like "... and in JSON" "$err" '"evil.test|host evil.test'
run -f p.conf -- python3 client.py 127.0.0.1 $P
is "an address that no name led to is denied" "$out" "127.0.0.1 EACCES"
run -f p.conf -- python3 client.py good.test 9
is "another port of an allowed name is denied" "$out" "127.0.0.1 EACCES"
like "... and the line says the name" "$err" \
    'net connect tcp 127\.0\.0\.1 port 9, host good\.test .*host "good\.test" port 9'
same_ports=$(sed -n 's/.* port //p' "$LOG" | sort -u | wc -l)
[ "$same_ports" -gt 1 ]
ok "questions come from more than one port" "$(cat "$LOG")"
is "a question has our flags, whatever the child's" \
    "$(sed -n 's/.* flags \([0-9a-f]*\) .*/\1/p' "$LOG" | sort -u)" 0100

# ---- denials, and which rule is last
{ within '*.wild.test'; echo 'deny net connect to host "no.wild.test"'; } >q.conf
: >"$LOG"
run -f q.conf -- python3 client.py yes.wild.test $P no.wild.test $P
is "a denied name below an allowed one" "$out" "127.0.0.1 hello
NONAME"
like "... by the rule's line" "$err" 'no\.wild\.test by q\.conf:4'
is "... and is not asked for" "$(asked no.wild.test)" 0

# ---- where a name may lead
{ cat base.conf; echo "allow net connect tcp to host \"*.test\""; } >q.conf
run -f q.conf -- python3 client.py inside.test $P both.test 1
is "a name does not lead to this host, or into a private network" \
    "$(echo "$out" | sed 's/192.0.2.7 .*/192.0.2.7/')" "NODATA
192.0.2.7"
like "... the line says where it would have" "$err" \
    'host inside\.test, which leads to 10\.0\.0\.1.*within 10\.0\.0\.1'
{ within inside.test; } >q.conf
run -f q.conf -- python3 client.py inside.test $P
is "within says where it may" "$out" "127.0.0.1 hello"
{ cat base.conf; echo "allow net connect tcp to host inside.test"
  echo "allow net connect tcp to 127.0.0.1 port $P"; } >q.conf
run -f q.conf -- python3 client.py inside.test $P
is "... and so does a rule on the address" "$out" "127.0.0.1 hello"

# ---- for how long
{ within short.test good.test; echo "set pin 0"; } >q.conf
cat >expire.py <<'PY'
import errno, socket, sys, time
port = int(sys.argv[1])
def con(a):
    try: socket.create_connection((a, port), 20).close(); return 'ok'
    except OSError as e: return errno.errorcode[e.errno]
socket.getaddrinfo('short.test', port, socket.AF_INET)
first = con('127.0.0.1')
for i in range(600):
    time.sleep(0.1)
    if con('127.0.0.1') != 'ok': break
print(first, con('127.0.0.1'))
socket.getaddrinfo('short.test', port, socket.AF_INET)
print(con('127.0.0.1'))
PY
run -f q.conf -- python3 expire.py $P
is "an address ends with its record, and begins again with the next" "$out" \
    "ok EACCES
ok"

# ---- a name server that is wrong, late, short of words, or silent
within spoof.test late.test plain.test cut.test busy.test mute.test \
    loop.test many.test >q.conf
run -f q.conf -- python3 client.py spoof.test $P late.test $P plain.test $P \
    cut.test $P busy.test $P
is "answers to other questions, malformed and late ones do no harm" "$out" \
    "127.0.0.1 hello
127.0.0.1 hello
127.0.0.1 hello
127.0.0.1 hello
AGAIN"
run -f q.conf -- python3 client.py mute.test $P
is "one that never answers is EAI_AGAIN, as bare" "$out" "AGAIN"
run -f q.conf -- python3 client.py loop.test $P
is "a chain of aliases without an end is EAI_AGAIN" "$out" "AGAIN"
run -f q.conf -- python3 -c 'import socket
print(len(socket.getaddrinfo("many.test", 1, socket.AF_INET,
    socket.SOCK_STREAM)))'
is "of many addresses as many as an answer takes" "$out" 24

# ---- a hostile stub resolver
cat >hostile.py <<'PY'
import errno, re, socket, struct, sys
ns = '127.0.0.1'
for l in open('/etc/resolv.conf'):
    m = re.match(r'nameserver\s+(\d+\.\d+\.\d+\.\d+)\s', l + '\n')
    if m: ns = m.group(1); break
def name(n):
    return b''.join(bytes([len(x)]) + x for x in n.encode().split(b'.')) + b'\0'
def query(n, t=1, flags=0x100, c=1, counts=(1, 0, 0, 0), i=7):
    return struct.pack('>6H', i, flags, *counts) + name(n) + \
        struct.pack('>2H', t, c)
def ask(s, q, wait=20):
    s.settimeout(wait)
    try:
        s.send(q); a = s.recv(9999)
        return 'rcode %d, %d answers' % (a[3] & 15, a[7])
    except OSError as e: return errno.errorcode.get(e.errno, 'silence')
def t(what, f):
    try: r = f()
    except OSError as e: r = errno.errorcode.get(e.errno, str(e))
    print(what + ':', r)
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.connect((ns, 53))
t('a', lambda: ask(u, query('good.test')))
t('upper', lambda: ask(u, query('gOOd.tESt')))
t('txt', lambda: ask(u, query('good.test', 16)))
t('any', lambda: ask(u, query('good.test', 255)))
t('https', lambda: ask(u, query('good.test', 65)))
t('ptr', lambda: ask(u, query('1.0.0.127.in-addr.arpa', 12)))
t('chaos', lambda: ask(u, query('good.test', 16, c=3)))
t('update', lambda: ask(u, query('good.test', flags=0x2800)))
t('two', lambda: ask(u, query('good.test', counts=(2, 0, 0, 0))))
t('cut', lambda: ask(u, query('good.test')[:15]))
t('flags', lambda: ask(u, query('flags.wild.test', flags=0x07f0 & 0x07ff)))
t('long', lambda: ask(u, query('good.test') + b'x' * 5000))
t('huge', lambda: ask(u, query('good.test') + b'x' * 60000))
t('tiny', lambda: ask(u, b'x', 1))
t('answer', lambda: ask(u, query('good.test', flags=0x8180), 1))
t('still', lambda: ask(u, query('good.test')))
v = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
v.settimeout(20)
v.sendto(query('good.test'), (ns, 53))
t('sendto', lambda: v.recvfrom(9999)[0][7])
v.sendmsg([query('good.test')], [], 0, (ns, 53))
t('sendmsg', lambda: v.recvfrom(9999)[0][7])
w = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
w.settimeout(20)
w.sendto(query('good.test'), ('::ffff:' + ns, 53))
t('mapped', lambda: w.recvfrom(9999)[0][7])
t('other server', lambda: v.sendto(query('evil.test'), ('192.0.2.53', 53)))
t('its port', lambda: v.sendto(query('evil.test'),
    ('127.0.0.1', int(sys.argv[1]))))
t('other port', lambda: v.sendto(query('evil.test'), (ns, 54)))
t('tcp', lambda: socket.create_connection((ns, 53), 20))
t('mptcp', lambda: socket.socket(2, 1, 262).connect((ns, 53)))
PY
: >"$LOG"
run -f p.conf -- python3 hostile.py $D
is "what a hostile stub resolver gets" "$out" "a: rcode 0, 1 answers
upper: rcode 0, 1 answers
txt: rcode 0, 0 answers
any: rcode 0, 0 answers
https: rcode 0, 0 answers
ptr: rcode 3, 0 answers
chaos: rcode 4, 0 answers
update: rcode 4, 0 answers
two: rcode 1, 0 answers
cut: rcode 1, 0 answers
flags: rcode 0, 1 answers
long: rcode 1, 0 answers
huge: rcode 1, 0 answers
tiny: silence
answer: silence
still: rcode 0, 1 answers
sendto: 1
sendmsg: 1
mapped: 1
other server: EACCES
its port: EACCES
other port: EACCES
tcp: EACCES
mptcp: EACCES"
is "... and what the name server saw of it" \
    "$(cut -d' ' -f1-4 "$LOG" | sort -u)" "flags.wild.test 1 flags 0100
good.test 1 flags 0100"

# ---- who else is on this machine
cat >outside.py <<'PY'
import socket, sys
# sockets that are there since: others run name servers of their own
before = set(open(sys.argv[1]).read().split('\n'))
hits = tried = 0
for l in open('/proc/net/udp').readlines()[1:]:
    f = l.split()
    if f[1] in before or f[2] != '00000000:0000': continue
    a = socket.inet_ntoa(bytes.fromhex(f[1].split(':')[0])[::-1])
    if not a.startswith('127.'): continue
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(0.2)
    s.sendto(b'\0\7\1\0\0\1\0\0\0\0\0\0\4good\4test\0\0\1\0\1',
        (a, int(f[1].split(':')[1], 16)))
    tried += 1
    try: s.recv(999); hits += 1
    except OSError: pass
print('answers', hits, 'of some' if tried else 'of none')
PY
awk '{ print $2 }' /proc/net/udp >"$T/before"
mkfifo "$T/go"
sb -f p.conf -- sh -c "python3 client.py good.test $P; echo up; cat" \
    <"$T/go" >"$T/up" 2>/dev/null &
exec 9>"$T/go"
n=0
while ! grep -q up "$T/up" && [ $n -lt 600 ]; do
	sleep 0.1; n=$((n + 1))
done
is "nobody else on this machine is answered" \
    "$(python3 outside.py "$T/before")" "answers 0 of some"
exec 9>&-
wait $! 2>/dev/null

# ---- many
cat >many.py <<'PY'
import os, socket, sys
ok = 0
for i in range(2000):
    try: socket.getaddrinfo('h%d.wild.test' % (i % 500), 80,
        socket.AF_INET, socket.SOCK_STREAM); ok += 1
    except socket.gaierror: pass
    if i in (200, 1999): print(ok, flush=True); sys.stdin.readline()
PY
rss() {	# of the resolver of this sandbox
	for p in $(ps -o pid= --ppid "$1"); do
		tr '\0' ' ' <"/proc/$p/cmdline" | grep -q resolver &&
		    sed -n 's/VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$p/status"
	done
}
shows() {	# FILE TEXT
	n=0
	while ! grep -q "$2" "$1" 2>/dev/null && [ $n -lt 1200 ]; do
		sleep 0.1; n=$((n + 1))
	done
}
"$PRIVSEP" -f p.conf -- python3 many.py <"$T/go" >"$T/many" 2>&1 &
box=$!
exec 9>"$T/go"
shows "$T/many" '^201$'
one=$(rss $box); fds=$(ls /proc/$box/fd 2>/dev/null | wc -l)
echo >&9
shows "$T/many" '^2000$'
two=$(rss $box)
echo >&9
exec 9>&-
wait $box
is "two thousand names in a row are found" "$(tail -1 "$T/many")" 2000
[ -n "$one" ] && [ "$two" -le $((one + 1200)) ]
ok "... and the resolver grows by what its tables hold, not more" \
    "$one kB, then $two kB"

# ---- mistakes
wrong() {	# NAME RULE TEXT
	run -f base.conf -r "$2" -n
	is "$1: refused" "$st" 125
	like "$1: says why" "$err" "$3"
}
wrong "bind" 'allow net bind tcp to host "a.test"' \
    "^-r:1: bind and accept know addresses.*for example: allow net connect"
wrong "a bad name" 'allow net connect tcp to host "a..test"' \
    "empty label; expected a host name.*for example"
wrong "an address as a name" 'allow net connect tcp to host "10.0.0.1"' \
    "is an address"
wrong "a * in the middle" 'allow net connect tcp to host "a.*.test"' \
    'a \* stands first'
wrong "within an address rule" 'allow net connect tcp to 10.0.0.1 within any' \
    "within is for rules about names alone"
wrong "only denials" 'deny net connect to host "a.test"' \
    "none is allowed"
wrong "kill" 'kill net connect to host "a.test"' "nothing else happens"
wrong "no network" 'set network loopback
allow net connect tcp to host "a.test"' "no name server is reached"
wrong "a bad server" 'set nameserver "a.test"' "is not an address"
wrong "a bad port" 'set nameserver 127.0.0.1 port 0' "from 1 to 65535"
wrong "a bad time" 'set pin -1' "0 to 86400"

# ---- said again
run -n -f p.conf
like "-n shows the rule" "$out" \
    '^allow net connect tcp to \{ host "good.test" host "\*.wild.test".*within loopback'
like "-n shows who is asked" "$out" "^set nameserver \"127\.0\.0\.1\" port $D"
printf '%s\n' "$out" | sed 's/	#.*//' >again.conf
run -n -f again.conf
is "... and reads what it wrote" "$st" 0
run -n -j -f p.conf
like "-n -j too" "$out" 'good\.test'

# ---- the resolver ends
cat >ends.py <<'PY'
import socket, sys
print(socket.getaddrinfo('good.test', 1)[0][4][1], flush=True)
sys.stdin.readline()
try: socket.getaddrinfo('good.test', 1); print('found')
except socket.gaierror: print('not found')
PY
for sig in KILL STOP; do
	"$PRIVSEP" -f p.conf -- python3 ends.py <"$T/go" >"$T/ends.$sig" \
	    2>"$T/err.$sig" &
	box=$!
	exec 9>"$T/go"
	shows "$T/ends.$sig" 1
	for p in $(ps -o pid= --ppid $box); do
		tr '\0' ' ' <"/proc/$p/cmdline" | grep -q resolver &&
		    kill -$sig "$p"
	done
	wait $box
	is "a resolver that gets SIG$sig ends the run" $? 125
	exec 9>&-
	like "... and is named" "$(cat "$T/err.$sig")" \
	    'resolver (killed by signal 9|stopped by signal 19)'
done
