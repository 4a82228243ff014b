#!/bin/sh
# Rules about the network: what they allow works as outside, what they do not
# is refused, and nobody gets from one to the other.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"
if ! have python3; then
	skip "rules about the network" "no python3"
	exit 0
fi
LIMIT=120

D=$T/servers
mkdir -p "$D"
: >"$D/hits"
python3 "$HOME/bin/netserver.py" "$D" >"$D/log" 2>&1 &
server=$!
trap 'kill $server' EXIT
wait_for 300 test -f "$D/ports" || { echo "not ok - servers"; exit 1; }
read -r P Q S <"$D/ports"

cat >c.py <<'PY'
import array, ctypes, errno, os, socket, struct, sys
def t(name, f):
    try: print(name, f(), flush=True)
    except socket.timeout: print(name, 'timeout', flush=True)
    except OSError as e: print(name, errno.errorcode.get(e.errno, e), flush=True)
def talk(a, fam=socket.AF_INET, proto=0):
    s = socket.socket(fam, socket.SOCK_STREAM, proto); s.settimeout(20)
    s.connect(a); s.sendall(b'abc'); return s.recv(9), s.getpeername() == a
def dgram(a, fam=socket.AF_INET, send=lambda s, a: s.sendto(b'abc', a)):
    s = socket.socket(fam, socket.SOCK_DGRAM); s.settimeout(20)
    send(s, a); return s.recvfrom(9)[0]
def msg(s, a): s.sendmsg([b'a', b'', b'bc'], [], 0, a)
def connected(s, a): s.connect(a); s.send(b'abc')
PY

# ---- addresses ----
cat >tcp.py <<'PY'
from c import *
p, q = int(sys.argv[1]), int(sys.argv[2])
t('allowed', lambda: talk(('127.0.0.1', p)))
t('zero', lambda: talk(('0.0.0.0', p))[0])
t('mapped', lambda: talk(('::ffff:127.0.0.1', p), socket.AF_INET6)[0])
t('port', lambda: talk(('127.0.0.1', q)))
t('zero-port', lambda: talk(('0.0.0.0', q)))
t('mapped-port', lambda: talk(('::ffff:127.0.0.1', q), socket.AF_INET6))
t('mapped-zero', lambda: talk(('::ffff:0.0.0.0', q), socket.AF_INET6))
t('v6', lambda: talk(('::1', p), socket.AF_INET6))
t('v6-zero', lambda: talk(('::', p), socket.AF_INET6))
t('mptcp', lambda: talk(('127.0.0.1', p), proto=262))
t('sctp', lambda: talk(('127.0.0.1', p), proto=132))
t('smc', lambda: talk(('127.0.0.1', p), proto=256))
t('smc-family', lambda: socket.socket(43, 1))
t('dccp', lambda: socket.socket(2, 6, 33))
t('udp', lambda: socket.socket(2, 2))
t('udplite', lambda: socket.socket(2, 2, 136))
t('icmp', lambda: socket.socket(2, 2, 1))
t('raw', lambda: socket.socket(2, 3, 6))
t('sock-packet', lambda: socket.socket(2, 10, 0x300))
for f in 'PACKET VSOCK ALG XDP:44 TIPC:30 BLUETOOTH:31 CAN:29 RXRPC:33'.split():
    n, _, v = f.partition(':')
    t(n, lambda: socket.socket(int(v) if v else getattr(socket, 'AF_' + n), 3 if n == 'PACKET' else 5 if n == 'ALG' else 1))
t('netlink', lambda: socket.socket(16, 3, 0).bind((0, 0)))
t('netlink-peer', lambda: socket.socket(16, 3, 0).sendto(bytes(16), (1, 0)))
t('netlink-other', lambda: socket.socket(16, 3, 9))
def fastopen():
    s = socket.socket(); s.sendto(b'abc', 0x20000000, ('127.0.0.1', q))
t('fastopen', fastopen)
def fastopen_msg():
    s = socket.socket(); s.sendmsg([b'abc'], [], 0x20000000, ('127.0.0.1', q))
t('fastopen-msg', fastopen_msg)
def route(level, name, value):
    s = socket.socket(socket.AF_INET6 if level == 41 else socket.AF_INET)
    s.setsockopt(level, name, value)
t('source-route', lambda: route(0, 4, b'\x83\x07\x04\x7f\0\0\1\0'))
t('routing-header', lambda: route(41, 57, b'\0' * 24))
t('listen', lambda: socket.socket().listen())
t('bind', lambda: socket.socket().bind(('127.0.0.1', 0)))
t('resolve', lambda: socket.getaddrinfo('localhost', 80, socket.AF_INET)[0][4])
def again():
    s = socket.socket(); s.connect(('127.0.0.1', p))
    try: s.connect(('127.0.0.1', p)); return 'no'
    except OSError as e: return errno.errorcode[e.errno]
t('again', again)
def nonblock():
    s = socket.socket(); s.setblocking(False)
    return s.connect_ex(('127.0.0.1', p)) in (0, errno.EINPROGRESS)
t('nonblock', nonblock)
t('badfd', lambda: print(end='') or ctypes.CDLL(None).connect(999, b'', 16))
PY
want="allowed (b'cba', True)
zero b'cba'
mapped b'cba'
port EACCES
zero-port EACCES
mapped-port EACCES
mapped-zero EACCES
v6 EACCES
v6-zero EACCES
mptcp EACCES
sctp EACCES
smc EACCES
smc-family EAFNOSUPPORT
dccp EACCES
udp EACCES
udplite EACCES
icmp EACCES
raw EACCES
sock-packet EACCES
PACKET EAFNOSUPPORT
VSOCK EAFNOSUPPORT
ALG EAFNOSUPPORT
XDP EAFNOSUPPORT
TIPC EAFNOSUPPORT
BLUETOOTH EAFNOSUPPORT
CAN EAFNOSUPPORT
RXRPC EAFNOSUPPORT
netlink None
netlink-peer EPERM
netlink-other EPROTONOSUPPORT
fastopen EACCES
fastopen-msg ENOTSUP
source-route EPERM
routing-header EPERM
listen EACCES
bind EACCES
resolve ('127.0.0.1', 80)
again EISCONN
nonblock True
badfd -1"
run -r "allow net connect tcp to 127.0.0.1 port $P" -- python3 tcp.py "$P" "$Q"
is "an address and a port: these, and nothing beside them" "$out" "$want"
like "a denial says which address, and what would allow it" "$err" \
    "denied: .* connect net connect tcp 127.0.0.1 port $Q by .*; to allow: allow net connect tcp to 127.0.0.1 port $Q\$"
like "... and which kind of socket" "$err" \
    "denied: .* socket net mptcp socket by default; to allow: allow net connect mptcp"
run -r "allow net connect tcp to <t>" -- true
like "an unknown table is an error" "$err" "^-r:1: no table is called '<t>'"
echo "127.0.0.0/9
add x 127.128.0.0/9 # both are 127.0.0.0/8" >t.netset
echo "table <t> file \"t.netset\"
allow net connect tcp to <t> port $P" >t.conf
run -f t.conf -r 'profile "default"' -r "allow net connect tcp to <t> port $P" \
    -- python3 -c "from c import *; t('a', lambda: talk(('127.0.0.1', $P))[0])"
run -r 'table <t> file "t.netset"' -r "allow net connect tcp to <t> port $P" \
    -- python3 -c "from c import *
t('a', lambda: talk(('127.0.0.1', $P))[0])
t('b', lambda: talk(('127.0.0.1', $Q)))
t('c', lambda: talk(('::1', $P), 10))"
is "a table is its addresses" "$(echo $out)" "a b'cba' b EACCES c EACCES"
run -r 'allow net' -r "deny net connect, send to loopback port $Q" -- \
    python3 -c "from c import *
t('a', lambda: talk(('127.0.0.1', $P))[0])
t('b', lambda: talk(('127.0.0.1', $Q)))
t('c', lambda: talk(('::1', $Q), 10))
t('d', lambda: dgram(('127.0.0.1', $Q)))
t('e', lambda: dgram(('::1', $P), 10))
t('f', lambda: talk(('0.0.0.0', $Q)))"
is "everything but an address" "$(echo $out)" \
    "a b'cba' b EACCES c EACCES d EACCES e b'cba' f EACCES"
run -r "allow net connect tcp port $P" -- python3 tcp.py "$P" "$Q"
is "ports by Landlock: the same answers" \
    "$(echo "$out" | grep -v -e '^v6' -e '^smc-f')" \
    "$(echo "$want" | grep -v -e '^v6' -e '^smc-f')"
run -n -v -r "allow net connect tcp port $P"
like "... and nobody is asked about connect" "$out" \
    "^allow net connect tcp port $P	# -r:1: connect: kernel: Landlock: "
like "... by the filter" "$out" 'ret ALLOW	; connect\('
run -n -r 'allow net connect tcp to 10.0.0.0/8 port { 80 443 8000-8100 }' \
    -r 'deny quick log net send udp to [fd00::]/8 errno ENETUNREACH' \
    -r 'allow net bind unix path under "/run/x y"'
like "-n: who decides, and why" "$out" '^allow net connect tcp to 10.0.0.0/8 port \{ 80 443 8000-8100 \}	# -r:1: connect: broker: notification: '
cp "$T/out" again.conf
sb -n -f again.conf >"$T/again" 2>&1
is "... and it parses to the same rules" \
    "$(grep ' net' "$T/again" | sed 's/	.*//')" \
    "$(echo "$out" | grep ' net' | sed 's/	.*//')"
run -r "deny net connect to 127.0.0.1 errno ENETUNREACH" \
    -r "allow net connect tcp to any" -r "deny quiet net connect to [::1]" -- \
    python3 -c "from c import *
t('a', lambda: talk(('::1', $P), 10))
t('b', lambda: talk(('127.0.0.1', $P))[0])"
is "the last rule wins" "$(echo $out)" "a EACCES b b'cba'"
is "... and a quiet one writes no line" "$err" ""
run -r "allow net connect tcp to any" \
    -r "deny net connect to 127.0.0.1 errno ENETUNREACH" \
    -r "kill net connect to [::1]" -- python3 -c "from c import *
t('a', lambda: talk(('127.0.0.1', $P)))
t('b', lambda: talk(('::1', $P), 10))"
is "a rule's errno, and its kill" "$(echo $out) $st" "a ENETUNREACH 137"

# ---- datagrams ----
cat >udp.py <<'PY'
from c import *
p, q = int(sys.argv[1]), int(sys.argv[2])
for n, port in ('good', p), ('bad', q):
    t(n + '-sendto', lambda: dgram(('127.0.0.1', port)))
    t(n + '-sendmsg', lambda: dgram(('127.0.0.1', port), send=msg))
    t(n + '-connect', lambda: dgram(('127.0.0.1', port), send=connected))
    t(n + '-v6', lambda: dgram(('::1', port), socket.AF_INET6))
    t(n + '-mapped', lambda: dgram(('::ffff:127.0.0.1', port), socket.AF_INET6))
libc = ctypes.CDLL(None, use_errno=True)
def addr(family, port):
    return struct.pack('=H', family) + struct.pack('>H', port) + b'\x7f\0\0\1' + bytes(8)
def unspec(port, fam=2, flags=0):
    s = socket.socket(fam, 2); s.settimeout(20)
    if libc.sendto(s.fileno(), b'abc', 3, flags, addr(0, port), 16) < 0:
        raise OSError(ctypes.get_errno(), '')
    return s.recv(9)
t('unspec', lambda: unspec(p))
t('unspec-bad', lambda: unspec(q))
t('unspec-v6', lambda: unspec(q, 10))
t('fastopen-flag', lambda: unspec(q, flags=0x20000000))
t('big', lambda: dgram(('127.0.0.1', p), send=lambda s, a: s.sendto(b'x' * 65000, a)))
t('too-big', lambda: dgram(('127.0.0.1', p), send=lambda s, a: s.sendto(b'x' * 65536, a)))
class Msg(ctypes.Structure):
    _fields_ = [('name', ctypes.c_char_p), ('namelen', ctypes.c_uint), ('iov', ctypes.c_void_p),
        ('iovlen', ctypes.c_size_t), ('c', ctypes.c_void_p), ('cl', ctypes.c_size_t), ('f', ctypes.c_int)]
class Mmsg(ctypes.Structure): _fields_ = [('h', Msg), ('len', ctypes.c_uint)]
class Iov(ctypes.Structure): _fields_ = [('b', ctypes.c_char_p), ('l', ctypes.c_size_t)]
def mmsg(*ports):
    s = socket.socket(2, 2); v = (Mmsg * len(ports))(); keep = []
    for i, port in enumerate(ports):
        io = Iov(b'abcdef', i + 1); a = addr(2, port); keep += [io, a]
        v[i].h.name, v[i].h.namelen = a, 16
        v[i].h.iov, v[i].h.iovlen = ctypes.addressof(io), 1
    n = libc.sendmmsg(s.fileno(), v, len(ports), 0)
    if n < 0: raise OSError(ctypes.get_errno(), '')
    return n, [m.len for m in v]
t('mmsg', lambda: mmsg(p, p, p))
t('mmsg-part', lambda: mmsg(p, q, p))
t('mmsg-bad', lambda: mmsg(q, p))
def efault(call, *args):
    s = socket.socket(2, 2)
    if getattr(libc, call)(s.fileno(), *args) < 0: raise OSError(ctypes.get_errno(), '')
t('efault', lambda: efault('sendmsg', ctypes.c_void_p(16), 0))
t('efault-name', lambda: efault('connect', ctypes.c_void_p(16), 16))
t('einval', lambda: efault('connect', addr(2, p), 300))
t('bind', lambda: socket.socket(2, 2).bind(('127.0.0.1', 0)))
PY
run -r "allow net connect, send udp to loopback port $P" -- \
    python3 udp.py "$P" "$Q"
is "datagrams: each way to send them" "$out" "good-sendto b'cba'
good-sendmsg b'cba'
good-connect b'cba'
good-v6 b'cba'
good-mapped b'cba'
bad-sendto EACCES
bad-sendmsg EACCES
bad-connect EACCES
bad-v6 EACCES
bad-mapped EACCES
unspec b'cba'
unspec-bad EACCES
unspec-v6 EDESTADDRREQ
fastopen-flag EACCES
big b'xxxxxxxxx'
too-big EMSGSIZE
mmsg (3, [1, 2, 3])
mmsg-part (1, [1, 0, 0])
mmsg-bad EACCES
efault EFAULT
efault-name EFAULT
einval EINVAL
bind EACCES"

cat >group.py <<'PY'
from c import *
lo = socket.if_nametoindex('lo')
g4 = socket.inet_aton('239.9.9.9'); l4 = socket.inet_aton('127.0.0.1')
g6 = socket.inet_pton(10, 'ff02::9:9')
r4 = struct.pack('I4x', lo) + struct.pack('=HH', 2, 0) + g4 + bytes(120)
r6 = struct.pack('I4x', lo) + struct.pack('=HHI', 10, 0, 0) + g6 + bytes(104)
for n, f, level, name, v in ('join', 2, 0, 35, g4 + l4), ('source', 2, 0, 39, g4 + l4 + l4), \
    ('join6', 10, 41, 20, g6 + struct.pack('i', lo)), ('group', 2, 0, 42, r4), ('group6', 10, 41, 42, r6), \
    ('of6', 10, 0, 35, g4 + l4), ('leave', 2, 0, 36, g4 + l4):
    t(n, lambda: socket.socket(f, 2).setsockopt(level, name, v))
PY
run -r 'allow net connect, send udp to loopback' -- python3 group.py
is "groups are not joined where not every address may be bound" "$(echo $out)" \
    "join EACCES source EACCES join6 EACCES group EACCES group6 EACCES of6 EACCES leave EADDRNOTAVAIL"
python3 group.py >"$T/bare" 2>&1
run -r 'allow net bind, send udp to any' -- python3 group.py
is "... and as bare where it may" "$out" "$(cat "$T/bare")"

# ---- local sockets ----
cat >unix.py <<'PY'
from c import *
d, s = os.fsencode(sys.argv[1]), sys.argv[2]
def un(a, kind=socket.SOCK_STREAM):
    s = socket.socket(socket.AF_UNIX, kind); s.settimeout(20)
    s.connect(a); s.send(b'abc')
    return s.recv(9) if kind == socket.SOCK_STREAM else 'sent'
t('good', lambda: un(d + b'/good'))
t('bad', lambda: un(d + b'/bad'))
t('none', lambda: un(d + b'/none'))
t('bytes', lambda: un(d + b'/caf\xe9'))
os.symlink(d + b'/good', 'l-good'); os.symlink(d + b'/bad', 'l-bad')
t('link', lambda: un('l-good'))
t('link-bad', lambda: un('l-bad'))
t('abstract', lambda: un('\0e2e-good-' + s))
t('abstract-bad', lambda: un('\0e2e-bad-' + s))
t('dgram', lambda: un(d + b'/dgram', socket.SOCK_DGRAM))
def to(a, fds=[], creds=None):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    c = [(1, 1, array.array('i', fds))] if fds else []
    if creds is not None: c += [(1, 2, struct.pack('iii', creds, os.getuid(), os.getgid()))]
    return s.sendmsg([b'abc'], c, 0, a)
t('send', lambda: to(d + b'/dgram'))
t('send-bad', lambda: to(d + b'/baddgram'))
t('file', lambda: to(d + b'/dgram', [os.open('/etc/passwd', os.O_RDONLY)]))
t('pipe', lambda: to(d + b'/dgram', list(os.pipe())))
t('directory', lambda: to(d + b'/dgram', [os.open('/etc', os.O_RDONLY)]))
t('device', lambda: to(d + b'/dgram', [os.open('/dev/null', os.O_RDONLY)]))
t('place', lambda: to(d + b'/dgram', [os.open('/etc/passwd', os.O_PATH)]))
t('no-fd', lambda: to(d + b'/dgram', [999]))
t('self', lambda: to(d + b'/dgram', creds=os.getpid()))
t('another', lambda: to(d + b'/dgram', creds=1))
def bound(path, mode=0o027):
    os.umask(mode)
    s = socket.socket(socket.AF_UNIX); s.bind(path); s.listen()
    c = socket.socket(socket.AF_UNIX); c.connect(path)
    a, _ = s.accept(); c.send(b'abc')
    return a.recv(9), s.getsockname(), oct(os.stat(path).st_mode)
t('bind', lambda: bound(os.getcwd() + '/s1')[0::2])
t('bind-name', lambda: bound(os.getcwd() + '/s2')[1] == os.getcwd() + '/s2')
t('bind-relative', lambda: bound('s3')[1])
t('bind-again', lambda: bound('s3'))
t('bind-outside', lambda: bound(d + b'/new'))
os.mkdir('sub'); os.symlink(d, 'out')
t('bind-sub', lambda: bound('sub/s4')[0])
t('bind-link', lambda: bound('out/new'))
t('bind-abstract', lambda: bound('\0e2e-new'))
def passed():
    a, b = socket.socketpair()
    if os.fork() == 0:
        b.close(); s = socket.socket(socket.AF_INET)
        socket.send_fds(a, [b'x'], [s.fileno()]); os._exit(0)
    a.close(); fd = socket.recv_fds(b, 1, 1)[1][0]
    s = socket.socket(fileno=fd); s.connect(('127.0.0.1', int(sys.argv[3])))
t('passed', passed)
PY
run -r "allow net connect tcp to 127.0.0.1 port $P" \
    -r "allow net connect unix path { }" -- true
like "an empty list is an error" "$err" '^-r:1: '
run -r "allow net connect unix path \"$D/good\"" \
    -r "allow net connect unix path glob \"$D/c*\"" \
    -r "allow net connect unix abstract \"e2e-good-$S\"" \
    -r "allow net connect, send unix path \"$D/dgram\"" \
    -r "allow net bind, connect unix path under \"$WORK\"" \
    -r "allow net connect tcp to 127.0.0.1 port $P" -- \
    python3 unix.py "$D" "$S" "$Q"
is "local sockets by name, and what is sent along" "$out" "good b'cba'
bad EACCES
none ENOENT
bytes b'cba'
link b'cba'
link-bad EACCES
abstract b'cba'
abstract-bad EACCES
dgram sent
send 3
send-bad EACCES
file 3
pipe 3
directory EACCES
device EACCES
place EACCES
no-fd EBADF
self 3
another EPERM
bind (b'abc', '0o140750')
bind-name True
bind-relative s3
bind-again EADDRINUSE
bind-outside EACCES
bind-sub b'abc'
bind-link EACCES
bind-abstract EACCES
passed EACCES"

# ---- servers inside ----
cat >serve.py <<'PY'
from c import *
import signal, threading
def serve(host, fam=socket.AF_INET, conn=None, kind=socket.SOCK_STREAM, src=None, port=0):
    s = socket.socket(fam, kind); s.bind((host, port)); s.listen()
    a = s.getsockname(); c = socket.socket(fam, kind); c.settimeout(20)
    if src: c.bind((src, 0))
    c.connect((conn or host, a[1])); s.settimeout(0.5); x, peer = s.accept(); x.settimeout(20)
    c.send(b'abc'); return x.recv(9), peer[:2] == c.getsockname()[:2]
t('in', lambda: serve('127.0.0.1'))
t('in6', lambda: serve('::1', socket.AF_INET6))
t('wild', lambda: serve('0.0.0.0', conn='127.0.0.1'))
t('from-denied', lambda: serve('127.0.0.1', src='127.0.0.9'))
t('low', lambda: serve('127.0.0.1', port=7))
t('unbound', lambda: socket.socket().listen())
def wait_then_signal():
    s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen()
    class Alarm(Exception): pass
    def ring(*a): raise Alarm
    signal.signal(signal.SIGALRM, ring); signal.alarm(1)
    try: s.accept()
    except Alarm: return 'interrupted'
t('interrupted', wait_then_signal)
def busy():
    ls = [socket.socket() for _ in range(4)]
    for s in ls: s.bind(('127.0.0.1', 0)); s.listen()
    got = []
    def one(s): x, _ = s.accept(); got.append(x.recv(9))
    ts = [threading.Thread(target=one, args=(s,)) for s in ls]
    for x in ts: x.start()
    for s in ls:
        c = socket.socket(); c.connect(s.getsockname()); c.send(b'x')
    for x in ts: x.join()
    return len(got)
t('waiting', busy)
PY
run -r "allow net bind, connect tcp to { 127.0.0.0/8 [::1] } port 0" \
    -r "allow net connect tcp to loopback" \
    -r "allow net accept tcp from { 127.0.0.1 [::1] }" -- python3 serve.py
is "servers: where they listen, and who comes" "$out" "in (b'abc', True)
in6 (b'abc', True)
wild EACCES
from-denied timeout
low EACCES
unbound EACCES
interrupted interrupted
waiting 4"
like "... a peer that may not is told of" "$err" \
    "accept4 net accept tcp 127.0.0.9 port [0-9]+ by .*; to allow: allow net accept tcp from 127.0.0.9"

# ---- programs ----
if have curl; then
	same "curl, bare" true
	for u in "http://127.0.0.1:$P/" "http://[::1]:$P/" "http://localhost:$P/"; do
		is "curl $u" "$(sb -r "allow net connect tcp to loopback port $P" \
		    -r 'allow net connect, send udp to loopback' -- \
		    curl -gsS --noproxy '*' --max-time 60 "$u" 2>&1)" served
	done
	run -r "allow net connect tcp to loopback port $P" -- \
	    curl -gsS --noproxy '*' --max-time 60 "http://127.0.0.1:$Q/"
	is "curl: another port is refused" "$st" 7
else
	skip "curl" "not installed"
fi
run -r "allow net connect tcp to loopback port $P" -- python3 -c "
import urllib.request
print(urllib.request.urlopen('http://127.0.0.1:$P/', timeout=60).read())"
is "python's urllib" "$out" "b'served'"
if have perl; then
	run -r "allow net connect tcp to loopback port $P" -- perl -MIO::Socket::INET -e '
	    $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => shift)
	    or die "$!"; print $s "GET /\r\n\r\n"; local $/; print <$s>' "$P"
	like "perl's IO::Socket" "$out" 'served$'
fi
cat >sink.py <<'PY'
from c import *
s = socket.socket(); s.connect(('127.0.0.1', int(sys.argv[1]))); s.send(b'SINK')
n = s.sendmsg([b'x' * 999999, b'y' * 1000001]); s.sendall(b'x' * (2000000 - n) + b'\n')
print(s.recv(20))
PY
run -r "allow net connect tcp to loopback port $P" \
    -r "allow net send udp to loopback" -- python3 sink.py "$P"
is "a long sendmsg on a stream arrives whole" "$out" "b'2000005'"

# ---- attacks ----
N=4000
for how in tcp udp msg; do
	run -r "allow net connect, send { tcp udp } to 127.0.0.1 port $P" \
	    -r "allow read, exec under \"$HOME/bin\"" -- \
	    "$HOME/bin/netrace" $how "$P" "$Q" $N
	like "$how: an address that is rewritten meanwhile" "$out" "of $N\$"
	unlike "... some calls were made" "$out" '^0 of'
done
run -r "allow net connect unix path \"$D/good\"" \
    -r "allow read, exec under \"$HOME/bin\"" -- "$HOME/bin/netrace" \
    unix "$D/good" "$D/bad" $N
like "local: the same" "$out" "of $N\$"
cat >swap.py <<'PY'
from c import *
import threading
d = sys.argv[1]; done = False
os.symlink(d + '/good', 'swap')
def swap():
    n = 0
    while not done:
        n += 1; os.symlink(d + ('/good', '/bad')[n % 2], 'swap.new'); os.rename('swap.new', 'swap')
th = threading.Thread(target=swap); th.start()
got = 0
for i in range(1500):
    s = socket.socket(socket.AF_UNIX)
    try: s.connect('swap'); got += 1
    except OSError: pass
done = True; th.join(); print('good' if got else 'none')
PY
run -r "allow net connect unix path \"$D/good\"" -- python3 swap.py "$D"
is "a link that is replaced meanwhile" "$out" good
# All of the network, and names that only the broker can keep.
cat >names.py <<'PY'
from c import *
def bound(a, *kind):
    s = socket.socket(*kind); s.bind(a); return 'bound'
t('name', lambda: bound('name.s', socket.AF_UNIX))
t('denied', lambda: bound('name.denied', socket.AF_UNIX))
t('abstract', lambda: bound('\0x%d' % os.getpid(), socket.AF_UNIX))
t('tcp', lambda: bound(('127.0.0.1', 0), socket.AF_INET))
t('tcp6', lambda: bound(('::1', 0), socket.AF_INET6))
t('udp', lambda: bound(('127.0.0.1', 0), socket.AF_INET, socket.SOCK_DGRAM))
t('netlink', lambda: bound((0, 0), socket.AF_NETLINK, socket.SOCK_RAW))
PY
names='name bound
denied EACCES
abstract bound
tcp bound
tcp6 bound
udp bound
netlink bound'
run -r "allow net" -r 'deny create glob "/**/*.denied"' -- python3 names.py
is "all of the network, local names by the rules on files" \
    "$out" "$names"
like "... and the line says so" "$err" 'bind mksock ".*name\.denied"'
cat >bindswap.py <<'PY'
from c import *
import threading
d = sys.argv[1]; done = False
os.mkdir('b1'); os.symlink(d, 'b2')
def swap():
    libc = ctypes.CDLL(None)
    while not done: libc.renameat2(-100, b'b1', -100, b'b2', 2)
th = threading.Thread(target=swap); th.start()
got = 0
for i in range(20000):
    if i >= 800 and got: break
    s = socket.socket(socket.AF_UNIX)
    try: s.bind(os.getcwd() + '/b1/x%d' % i); got += 1
    except OSError: pass
done = True; th.join(); print('some' if got else 'none')
PY
mkdir "$WORK/deny" && run -r "allow net bind unix any" \
    -r "deny all under \"$WORK/deny\"" -- python3 bindswap.py "$WORK/deny"
is "binding below a directory that is replaced meanwhile" "$out" some
is "... never where it may not" "$(ls "$WORK/deny")" ""
sleep 0.2
is "nobody ever reached what is denied" "$(sort "$D/hits" | uniq -c)" ""
