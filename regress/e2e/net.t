#!/bin/sh
# No network by default; `allow net' gives it.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"
if ! have python3; then
	skip "the network" "no python3"
	exit 0
fi

cat >net.py <<'PY'
import errno, os, socket, sys
def t(name, f):
    try: r = f(); print(name, 'ok')
    except OSError as e: print(name, errno.errorcode.get(e.errno, e))
fam = socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK, \
    socket.AF_PACKET, 40, 38
for f, n in zip(fam, 'inet inet6 unix netlink packet vsock alg'.split()):
    for k, m in (socket.SOCK_STREAM, 'stream'), (socket.SOCK_DGRAM, 'dgram'), \
        (socket.SOCK_RAW, 'raw'):
        t(f'{n}-{m}', lambda: socket.socket(f, k).close())
t('mptcp', lambda: socket.socket(2, 1, 262).close())
t('sctp', lambda: socket.socket(2, 1, 132).close())
t('udplite', lambda: socket.socket(2, 2, 136).close())
t('icmp', lambda: socket.socket(2, 2, 1).close())
def pair(k):
    a, b = socket.socketpair(socket.AF_UNIX, k)
    a.send(b'x'); assert b.recv(1) == b'x'
    r, w = os.pipe()
    socket.send_fds(a, [b'y'], [w]); m, fds, _, _ = socket.recv_fds(b, 1, 1)
    os.write(fds[0], b'z'); assert os.read(r, 1) == b'z'
def local(name, f):
    try: s = socket.socket(socket.AF_UNIX)
    except OSError as e: print(name, errno.errorcode[e.errno]); return
    t(name, lambda: f(s))
local('connect-outside', lambda s: s.connect(sys.argv[1]))
local('connect-relative', lambda s: s.connect('../' + sys.argv[1].split('/')[-1]))
local('connect-abstract', lambda s: s.connect('\0e2e-' + sys.argv[2]))
local('connect-inet', lambda s: socket.socket(socket.AF_INET,
    fileno=s.fileno()).connect(('127.0.0.1', 9)))
local('bind', lambda s: s.bind('./sock'))
local('bind-abstract', lambda s: s.bind('\0x'))
local('autobind', lambda s: s.bind(''))
local('listen', lambda s: s.listen())
local('send', lambda s: s.sendto(b'x', sys.argv[1]))
local('sendmsg', lambda s: s.sendmsg([b'x'], [], 0, sys.argv[1]))
t('pair-stream', lambda: pair(socket.SOCK_STREAM))
t('pair-seqpacket', lambda: pair(socket.SOCK_SEQPACKET))
t('pair-dgram', lambda: pair(socket.SOCK_DGRAM))
PY
cat >lo.py <<'PY'
import socket, threading
s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen()
def serve():
    c, _ = s.accept(); c.sendall(c.recv(9)[::-1]); c.close()
t = threading.Thread(target=serve); t.start()
c = socket.create_connection(s.getsockname()); c.sendall(b'hello')
print(c.recv(9)); t.join()
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.bind(('127.0.0.1', 0))
u.sendto(b'udp', u.getsockname()); print(u.recv(9))
x = socket.socket(socket.AF_UNIX); x.bind('./sock'); x.listen()
y = socket.socket(socket.AF_UNIX); y.connect('./sock'); print('unix')
PY
# Listeners outside, by path and by name.
cat >"$T/listen.py" <<'PY'
import os, socket, sys
a = socket.socket(socket.AF_UNIX); a.bind(sys.argv[1]); a.listen()
b = socket.socket(socket.AF_UNIX); b.bind('\0e2e-' + sys.argv[2]); b.listen()
os.chmod(sys.argv[1], 0o777)
open(sys.argv[3], 'w').close()
for s in a, b:
    s.settimeout(8)
    try: s.accept(); open(sys.argv[4], 'w').write('reached')
    except OSError: pass
PY
python3 "$T/listen.py" "$HOME/outside" $$ "$T/listening" "$T/reached" &
wait_for 50 test -e "$T/listening"
run -- python3 net.py "$HOME/outside" $$
unlike "no network socket can be made" \
    "$(echo "$out" | grep -E '^(inet|netlink|packet|vsock|alg|mptcp|sctp|udp|icmp)')" " ok$"
unlike "no local socket can be sent from, named or listened on" \
    "$(echo "$out" | grep -E '^(unix-dgram|unix-raw|bind|autobind|listen|send|conn)')" " ok$"
for n in connect-outside connect-relative connect-abstract bind; do
	is "$n: EACCES" "$(echo "$out" | grep "^$n ")" "$n EACCES"
done
for n in inet-stream inet-dgram inet6-stream unix-dgram netlink-raw mptcp; do
	is "$n: EACCES" "$(echo "$out" | grep "^$n ")" "$n EACCES"
done
is "a pair of stream sockets works, descriptors pass" \
    "$(echo "$out" | grep '^pair-stream ')" "pair-stream ok"
is "a pair of packet sockets works" \
    "$(echo "$out" | grep '^pair-seqpacket ')" "pair-seqpacket ok"
unlike "a pair of datagram sockets, which could be sent anywhere, does not" \
    "$(echo "$out" | grep '^pair-dgram ')" " ok$"
kill $! 2>/dev/null
test ! -e "$T/reached"
ok "nobody outside was reached"
like "the line says what would allow it" "$err" \
    "denied: .* socket net AF_[A-Z0-9]+ by default; to allow: allow net$"
run -- python3 -c 'import socket; socket.create_connection(("127.0.0.1", 9))'
like "a connection fails with EACCES" "$err" "Errno 13|Permission denied"
run -- sh -c 'exec 3<>/dev/tcp/127.0.0.1/9' 2>/dev/null
[ "$st" -ne 0 ]; ok "the shell's /dev/tcp too"
run -r 'allow net' -- python3 lo.py
is "allow net: TCP, UDP and local sockets on this machine" "$(echo $out)" \
    "b'olleh' b'udp' unix"
is "... with status 0" "$st:$err" "0:"
run -r 'allow net' -- getent ahostsv4 localhost
like "allow net: names resolve" "$out" "127.0.0.1"
run -r 'allow net' -r 'deny net' -- python3 net.py /no 1
is "the last rule wins" "$(echo "$out" | grep '^inet-stream ')" \
    "inet-stream EACCES"
run -r 'allow net' -- python3 net.py /no 1
unlike "allow net: no other families" \
    "$(echo "$out" | grep -E '^(packet|vsock|alg)')" " ok$"
run -- grep -c . /proc/net/dev
is "reading about the network is a file like another" "$st" 0
