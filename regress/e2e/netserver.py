# Servers for network.t, outside of any sandbox: netserver.py DIRECTORY
# Writes DIRECTORY/ports once all listen ("ALLOWED DENIED"), and a line into
# DIRECTORY/hits for whatever reaches a server that nobody may reach.
import os, socket, sys, threading
d = sys.argv[1]
def both(kind):
    while True:
        a = socket.socket(socket.AF_INET, kind)
        a.bind(('127.0.0.1', 0))
        b = socket.socket(socket.AF_INET6, kind)
        b.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        try:
            b.bind(('::1', a.getsockname()[1])); return a, b
        except OSError: a.close(); b.close()
def same(port, kind):
    a = socket.socket(socket.AF_INET, kind); a.bind(('127.0.0.1', port))
    b = socket.socket(socket.AF_INET6, kind)
    b.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    b.bind(('::1', port)); return a, b
def hit(what):
    fd = os.open(d + '/hits', os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.write(fd, (what + '\n').encode()); os.close(fd)
def stream(s, name):
    s.listen(1000)
    def one(c):
        try:
            x = c.recv(65536)
            if x[:4] == b'GET ':
                c.sendall(b'HTTP/1.0 200 OK\r\nContent-Length: 6\r\n\r\nserved')
            elif x[:4] == b'SINK':
                n = len(x)
                while True:
                    x = c.recv(65536); n += len(x)
                    if x[-1:] == b'\n' or not x: break
                c.sendall(b'%d' % n)
            elif x: c.sendall(x[::-1])
            c.close()
        except OSError: pass
    def loop():
        while True:
            c, _ = s.accept()
            if name: hit(name)
            threading.Thread(target=one, args=(c,)).start()
    threading.Thread(target=loop).start()
def datagram(s, name):
    def loop():
        while True:
            x, a = s.recvfrom(70000)
            if name: hit(name)
            if a:
                try: s.sendto(x[::-1], a)
                except OSError: pass
    threading.Thread(target=loop).start()
def local(path, kind, name=None):
    s = socket.socket(socket.AF_UNIX, kind); s.bind(path)
    (stream if kind == socket.SOCK_STREAM else datagram)(s, name)
while True:
    try:
        t = both(socket.SOCK_STREAM); u = same(t[0].getsockname()[1], socket.SOCK_DGRAM)
        T = both(socket.SOCK_STREAM); U = same(T[0].getsockname()[1], socket.SOCK_DGRAM)
        break
    except OSError: pass
for s in t: stream(s, None)
for s in u: datagram(s, None)
for s in T: stream(s, 'tcp')
for s in U: datagram(s, 'udp')
local(d + '/good', socket.SOCK_STREAM)
local(d + '/bad', socket.SOCK_STREAM, 'unix')
local(d + '/dgram', socket.SOCK_DGRAM)
local(d + '/baddgram', socket.SOCK_DGRAM, 'unix dgram')
local(d + '/caf\udce9', socket.SOCK_STREAM)
local('\0e2e-good-%d' % os.getpid(), socket.SOCK_STREAM)
local('\0e2e-bad-%d' % os.getpid(), socket.SOCK_STREAM, 'abstract')
with open(d + '/ports.new', 'w') as f:
    f.write('%d %d %d\n' % (t[0].getsockname()[1], T[0].getsockname()[1], os.getpid()))
os.rename(d + '/ports.new', d + '/ports')
