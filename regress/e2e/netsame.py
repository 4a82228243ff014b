# What sockets do, in lines: run outside and inside, they are the same.
#	netsame.py DIRECTORY [ipv4-only]
# Servers and clients are both here.  Nothing printed depends on time, on the
# port that the kernel chose, or on how the bytes of a stream were cut.
import array, ctypes, errno, os, select, signal, socket, struct, sys, threading
D = os.path.realpath(sys.argv[1])
ONLY = sys.argv[2:]
libc = ctypes.CDLL(None, use_errno=True)
FASTOPEN = 0x20000000
def t(name):
    def run(f):
        if ONLY and name not in ONLY: return
        try: print(name, f(), flush=True)
        except socket.timeout: print(name, 'timeout', flush=True)
        except OSError as e: print(name, errno.errorcode.get(e.errno, e), flush=True)
    return run
def no(f, *a):
    try: return f(*a)
    except socket.timeout: return 'timeout'
    except OSError as e: return errno.errorcode.get(e.errno, str(e))
def listener(fam=socket.AF_INET, host='127.0.0.1', kind=socket.SOCK_STREAM, proto=0):
    s = socket.socket(fam, kind, proto); s.settimeout(60)
    s.bind((host, 0)); s.listen(64); return s
def pair(fam=socket.AF_INET, host='127.0.0.1'):
    s = listener(fam, host); c = socket.socket(fam); c.settimeout(60)
    c.connect(s.getsockname()); a, _ = s.accept(); a.settimeout(60); return c, a
def local(kind=socket.SOCK_STREAM, name=[0]):
    name[0] += 1; p = D + '/l%d' % name[0]
    s = socket.socket(socket.AF_UNIX, kind); s.settimeout(60); s.bind(p)
    if kind != socket.SOCK_DGRAM: s.listen(8)
    return s, p
def thread(f, *a):
    r = []
    th = threading.Thread(target=lambda: r.append(no(f, *a))); th.start()
    def join(): th.join(120); return r[0] if r else 'hangs'
    return join
def drain(s):
    n = 0
    while True:
        x = s.recv(1 << 20)
        if not x: return n
        n += len(x)

# ---- names ----
@t('names')
def _():
    c, a = pair()
    return c.getpeername() == a.getsockname(), a.getpeername() == c.getsockname()
@t('names6')
def _():
    c, a = pair(socket.AF_INET6, '::1')
    return c.getpeername() == a.getsockname(), a.getpeername()[0]
@t('names-unix')
def _():
    s, p = local(); c = socket.socket(socket.AF_UNIX); c.bind(D + '/me')
    c.connect(p); a, peer = s.accept()
    return peer[-3:], c.getpeername() == p, a.getpeername()[-3:], c.getsockname()[-3:]
@t('mapped')
def _():
    s = socket.socket(socket.AF_INET6); s.setsockopt(41, socket.IPV6_V6ONLY, 0)
    s.bind(('::', 0)); s.listen(); s.settimeout(60)
    c = socket.socket(); c.connect(('127.0.0.1', s.getsockname()[1]))
    a, peer = s.accept(); return peer[0], a.getsockname()[0]
@t('v6only')
def _():
    s = socket.socket(socket.AF_INET6); s.setsockopt(41, socket.IPV6_V6ONLY, 1)
    s.bind(('::1', 0)); s.listen()
    c = socket.socket(socket.AF_INET6); c.setsockopt(41, socket.IPV6_V6ONLY, 1)
    return no(c.connect, ('::ffff:127.0.0.1', s.getsockname()[1]))
@t('bind-mapped')
def _():
    s = socket.socket(socket.AF_INET6); s.bind(('::ffff:127.0.0.1', 0))
    return s.getsockname()[0]
@t('bind-twice')
def _():
    s = listener(); return no(s.bind, ('127.0.0.1', 0)), \
        no(socket.socket().bind, s.getsockname())
@t('reuseport')
def _():
    a, b = socket.socket(), socket.socket()
    for s in a, b: s.setsockopt(1, 15, 1)
    a.bind(('127.0.0.1', 0)); return no(b.bind, a.getsockname())
@t('reuseport-not')
def _():
    a, b = socket.socket(), socket.socket()
    a.bind(('127.0.0.1', 0)); return no(b.bind, a.getsockname())
@t('bind-late-port')
def _():
    s = listener(); c = socket.socket(); c.setsockopt(0, 24, 1)
    c.bind(('127.0.0.2', 0)); before = c.getsockname()[1]
    c.connect(s.getsockname()); a, peer = s.accept()
    return before, peer[0], c.getsockname() == peer
@t('freebind')
def _():
    s = socket.socket(); s.setsockopt(0, 15, 1); return no(s.bind, ('192.0.2.77', 0))
@t('transparent')
def _(): return no(socket.socket().setsockopt, 0, 19, 1) in (None, 'EPERM')
@t('not-here')
def _(): return no(socket.socket().bind, ('192.0.2.78', 0))
@t('two-connects')
def _():
    s = listener(); c = socket.socket(); c.connect(s.getsockname())
    return no(c.connect, s.getsockname())
@t('refused')
def _():
    s = listener(); a = s.getsockname(); s.close()
    return no(socket.socket().connect, a)
@t('refused-udp')
def _():
    s = socket.socket(2, 2); s.bind(('127.0.0.1', 0)); a = s.getsockname(); s.close()
    c = socket.socket(2, 2); c.settimeout(60); c.connect(a); c.send(b'x'); return no(c.recv, 9)
@t('refused-unix')
def _():
    s, p = local(); s.close()
    return no(socket.socket(socket.AF_UNIX).connect, p), \
        no(socket.socket(socket.AF_UNIX).connect, D + '/nothing'), \
        no(socket.socket(socket.AF_UNIX).connect, D)
@t('wrong-type')
def _():
    s, p = local(); return no(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET).connect, p)
@t('wrong-family')
def _():
    out = []
    for fam, addr in (2, struct.pack('=H', 10) + bytes(26)), (2, struct.pack('=H', 77) + bytes(26)), \
        (10, struct.pack('=H', 77) + bytes(26)), (2, struct.pack('=H', 2)), (10, struct.pack('=H', 10) + bytes(10)), \
        (1, struct.pack('=H', 1)), (1, b'\1'), (2, b''):
        s = socket.socket(fam)
        r = libc.connect(s.fileno(), addr, len(addr))
        out.append(errno.errorcode[ctypes.get_errno()] if r else 0)
    return out
@t('long-name')
def _():
    return no(socket.socket(socket.AF_UNIX).connect, D + '/' + 'x' * (107 - len(D))), \
        libc.connect(socket.socket(2).fileno(), bytes(200), 200)
@t('full-name')
def _():
    # all 108 bytes, no NUL
    os.chdir(D); n = b'y' * 108; s = socket.socket(socket.AF_UNIX)
    a = struct.pack('=H', 1) + n
    if libc.bind(s.fileno(), a, len(a)): return errno.errorcode[ctypes.get_errno()]
    s.listen(); c = socket.socket(socket.AF_UNIX)
    return libc.connect(c.fileno(), a, len(a)), os.path.exists(n)
@t('abstract')
def _():
    n = '\0netsame-%d' % os.getpid(); s = socket.socket(socket.AF_UNIX); s.bind(n); s.listen()
    m = b'\0netsame-\xff\0\xfe-%d' % os.getpid(); u = socket.socket(socket.AF_UNIX); u.bind(m); u.listen()
    c = socket.socket(socket.AF_UNIX); c.connect(n)
    d = socket.socket(socket.AF_UNIX); d.connect(m)
    return c.getpeername() == n.encode(), d.getpeername() == m, no(c.connect, m)
@t('autobind')
def _():
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind('')
    c = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); c.sendto(b'x', s.getsockname())
    return len(s.getsockname()), s.recv(9)
@t('unspec')
def _():
    s = socket.socket(2, 2); s.connect(('127.0.0.1', 9)); a = struct.pack('=H', 0) + bytes(14)
    r = libc.connect(s.fileno(), a, 16); u = no(s.getpeername)
    c, x = pair(); r2 = libc.connect(c.fileno(), a, 16)
    d = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); e, p = local(socket.SOCK_DGRAM)
    d.connect(p); r3 = libc.connect(d.fileno(), a, 2)
    return r, u, r2, no(c.getpeername), no(x.recv, 9), r3, no(d.send, b'x')
@t('unspec-short')
def _():
    s = socket.socket(2, 2); return libc.connect(s.fileno(), b'\0\0', 1), libc.connect(s.fileno(), b'\0\0', 2)
@t('udp-many')
def _():
    a, b = socket.socket(2, 2), socket.socket(2, 2); a.settimeout(60); b.settimeout(60)
    a.bind(('127.0.0.1', 0)); b.bind(('127.0.0.1', 0)); c = socket.socket(2, 2)
    c.connect(a.getsockname()); c.sendto(b'b', b.getsockname()); c.send(b'a')
    return a.recv(9), b.recv(9), c.getpeername() == a.getsockname()

# ---- waiting ----
@t('nonblocking')
def _():
    s = listener(); c = socket.socket(); c.setblocking(False)
    r = no(c.connect, s.getsockname()); select.select([], [c], [], 60)
    return r, c.getsockopt(1, 4), no(c.connect, s.getsockname()), no(c.connect, s.getsockname())
@t('accept-nonblocking')
def _():
    s = listener(); s.setblocking(False); return no(s.accept)
@t('accept-timeout')
def _():
    s = listener(); s.settimeout(None); s.setsockopt(1, 20, struct.pack('ll', 0, 50000)); return no(s.accept)
@t('accept-timeout-signal')
def _():
    s = listener(); s.settimeout(None); s.setsockopt(1, 20, struct.pack('ll', 60, 0))
    signal.signal(signal.SIGALRM, lambda *a: None); libc.siginterrupt(14, 0)
    signal.setitimer(0, 0.2)
    r = libc.accept(s.fileno(), None, None); return r, errno.errorcode[ctypes.get_errno()]
@t('accept-flags')
def _():
    s = listener(); out = []
    for f in 0, 0o4000, 0o2000000, 0o2004000, 1:
        c = socket.socket(); c.connect(s.getsockname()); fd = libc.accept4(s.fileno(), None, None, f)
        if fd == -1: out.append(errno.errorcode[ctypes.get_errno()]); continue
        out.append((os.get_blocking(fd), os.get_inheritable(fd))); os.close(fd)
    return out
@t('accept-lowest')
def _():
    s = listener(); c = socket.socket(); c.connect(s.getsockname())
    low = os.open('/dev/null', 0); os.close(low); fd = libc.accept4(s.fileno(), None, None, 0)
    os.close(fd); return fd == low
@t('accept-short')
def _():
    s = listener(); c = socket.socket(); c.connect(s.getsockname())
    buf = ctypes.create_string_buffer(b'\xaa' * 16, 16); n = ctypes.c_int(6)
    os.close(libc.accept(s.fileno(), buf, ctypes.byref(n)))
    return n.value, buf.raw[4:6].hex() != 'aaaa' or buf.raw[:2], buf.raw[6:].hex()
@t('accept-bad')
def _():
    s = listener(); c = socket.socket(); c.connect(s.getsockname())
    def e(r): return errno.errorcode[ctypes.get_errno()] if r == -1 else r
    n = ctypes.c_int(-1); r, w = os.pipe(); u, v = socket.socket(2, 2), socket.socket()
    return e(libc.accept(s.fileno(), ctypes.c_void_p(s.fileno()), ctypes.byref(n))), \
        e(libc.accept(r, None, None)), e(libc.accept(999, None, None)), \
        e(libc.accept(u.fileno(), None, None)), \
        e(libc.accept(v.fileno(), None, None))
@t('flip')
def _():
    # a call that waits goes on waiting whatever another thread sets
    s = listener(); s.settimeout(None)
    j = thread(s.accept)
    while not open('/proc/self/status').read(): pass
    threading.Event().wait(0.3); os.set_blocking(s.fileno(), False); threading.Event().wait(0.1)
    c = socket.socket(); c.connect(s.getsockname()); r = j()
    return type(r) is tuple or r
@t('signal')
def _():
    # a handler runs while connect(2) waits for room in the queue
    s, p = local(); s.listen(0); c = [socket.socket(socket.AF_UNIX) for _ in range(3)]
    c[0].connect(p); c[1].setblocking(False); r = no(c[1].connect, p)
    class Ring(Exception): pass
    def ring(*a): raise Ring
    signal.signal(signal.SIGALRM, ring); signal.setitimer(0, 0.3)
    try: c[2].connect(p); return 'connected'
    except Ring: return r, 'rings'
@t('restarts')
def _():
    s, p = local(); s.listen(0); c = [socket.socket(socket.AF_UNIX) for _ in range(2)]
    c[0].connect(p); signal.signal(signal.SIGALRM, lambda *a: None); libc.siginterrupt(14, 0)
    signal.setitimer(0, 0.05, 0.05); j = thread(lambda: (threading.Event().wait(0.4), s.accept()))
    addr = struct.pack('=H', 1) + p.encode() + b'\0'
    r = libc.connect(c[1].fileno(), addr, len(addr)); e = ctypes.get_errno(); signal.setitimer(0, 0)
    j(); return r, r and errno.errorcode[e]
@t('connect-timeout')
def _():
    s, p = local(); s.listen(0); c = [socket.socket(socket.AF_UNIX) for _ in range(2)]
    c[0].connect(p); c[1].setsockopt(1, 21, struct.pack('ll', 0, 50000)); return no(c[1].connect, p)

# ---- data ----
def fill(s, how):
    s.setblocking(False); n = 0
    while True:
        try: n += how(s, b'x' * 65536)
        except BlockingIOError: return n
@t('send-nonblocking')
def _():
    c, a = pair(); fill(c, lambda s, b: s.sendmsg([b])); return 'full', no(c.sendmsg, [b'x']), no(c.sendto, b'x', c.getpeername())
@t('send-timeout')
def _():
    c, a = pair(); fill(c, lambda s, b: s.sendmsg([b])); c.setblocking(True)
    c.setsockopt(1, 21, struct.pack('ll', 0, 50000)); return no(c.sendmsg, [b'x' * 999])
@t('dontwait')
def _():
    c, a = pair(); fill(c, lambda s, b: s.sendmsg([b])); c.setblocking(True)
    return no(lambda: c.sendmsg([b'x'], [], socket.MSG_DONTWAIT))
for n in 1, 65536, 65537, 300000, 9000000:
    @t('stream-%d' % n)
    def _():
        c, a = pair(); j = thread(drain, a); c.settimeout(None)
        r = c.sendmsg([b'', b'x' * (n // 3), b'y', b'z' * (n - n // 3 - 1)] if n > 2 else [b'x'])
        c.close(); return r, j()
    @t('unix-stream-%d' % n)
    def _():
        s, p = local(); c = socket.socket(socket.AF_UNIX); c.connect(p); a, _ = s.accept()
        j = thread(drain, a); r = c.sendmsg([b'x' * n], [(1, 1, array.array('i', [c.fileno()]))]); c.close()
        return r, j()
    @t('unix-dgram-%d' % n)
    def _():
        s, p = local(socket.SOCK_DGRAM); c = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        c.setsockopt(1, 7, 4000000); b = bytes(i & 255 for i in range(997)) * (n // 997 + 1)
        def one(f):
            r = no(f)
            return r, r == n and s.recv(n + 1) == b[:n]
        return one(lambda: c.sendto(b[:n], p)), one(lambda: c.sendmsg([b[:n // 2], b[n // 2:n]], [], 0, p))
    @t('udp-%d' % n)
    def _():
        s = socket.socket(2, 2); s.bind(('127.0.0.1', 0)); s.settimeout(60); c = socket.socket(2, 2)
        r = no(c.sendto, b'x' * n, s.getsockname()), no(c.sendmsg, [b'x' * n], [], 0, s.getsockname())
        return r, [len(s.recv(70000)) for x in r if x == n]
@t('empty')
def _():
    s = socket.socket(2, 2); s.bind(('127.0.0.1', 0)); s.settimeout(60); c = socket.socket(2, 2)
    return c.sendto(b'', s.getsockname()), c.sendmsg([], [], 0, s.getsockname()), s.recv(9), s.recv(9)
@t('stream-address')
def _():
    c, a = pair(); return no(c.sendto, b'x' * 100000, ('127.0.0.1', 1)), \
        no(socket.socket().sendto, b'x', ('127.0.0.1', 1))
@t('unix-address')
def _():
    s, p = local(); c = socket.socket(socket.AF_UNIX); c.connect(p)
    return no(c.sendto, b'x', p), no(socket.socket(socket.AF_UNIX).sendto, b'x', p)
def gone(s):
    # who closed a socket has closed it: ours may be open a moment longer
    q = select.poll(); q.register(s, 0)
    while not any(e & select.POLLHUP for _, e in q.poll(60000)): pass
def pipe(how):
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        c, a = pair(); c.shutdown(1)
        try: how(c)
        except OSError as e: os._exit(e.errno)
        os._exit(0)
    return os.waitpid(pid, 0)[1]
@t('sigpipe')
def _(): return pipe(lambda c: c.sendmsg([b'x'])), pipe(lambda c: c.sendto(b'x', ('127.0.0.1', 9))), \
    pipe(lambda c: c.sendmsg([b'x'], [], socket.MSG_NOSIGNAL)), pipe(lambda c: c.send(b'x'))
@t('sigpipe-handler')
def _():
    got = []; signal.signal(signal.SIGPIPE, lambda *a: got.append(1)); c, a = pair(); c.shutdown(1)
    r = no(c.sendmsg, [b'x']); s, p = local(); u = socket.socket(socket.AF_UNIX); u.connect(p); s.accept()[0].close()
    gone(u); return r, no(u.sendmsg, [b'x']), len(got)
@t('sigpipe-thread')
def _():
    # for the thread that sent, not for whoever has it unblocked
    got = []; signal.signal(signal.SIGPIPE, lambda *a: got.append(1)); c, a = pair(); c.shutdown(1)
    def f():
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGPIPE]); r = no(c.sendmsg, [b'x'])
        return r, signal.sigpending() == {signal.SIGPIPE}, signal.sigwait([signal.SIGPIPE]) == signal.SIGPIPE
    return thread(f)(), got
@t('sigpipe-dgram')
def _():
    s, p = local(socket.SOCK_SEQPACKET); c = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); c.connect(p)
    s.accept()[0].close(); gone(c); signal.signal(signal.SIGPIPE, signal.SIG_IGN); return no(c.sendmsg, [b'x'])
@t('oob')
def _():
    c, a = pair(); c.sendmsg([b'ab']); c.sendmsg([b'c'], [], socket.MSG_OOB); c.sendmsg([b'd'])
    select.select([], [], [a], 60); x = a.recv(1, socket.MSG_OOB); y = b''
    while len(y) < 3: y += a.recv(9)
    return x, y
class Msg(ctypes.Structure):
    _fields_ = [('name', ctypes.c_char_p), ('namelen', ctypes.c_uint), ('iov', ctypes.c_void_p),
        ('iovlen', ctypes.c_size_t), ('c', ctypes.c_void_p), ('cl', ctypes.c_size_t), ('f', ctypes.c_int)]
class Mmsg(ctypes.Structure): _fields_ = [('h', Msg), ('len', ctypes.c_uint)]
class Iov(ctypes.Structure): _fields_ = [('b', ctypes.c_char_p), ('l', ctypes.c_size_t)]
def mmsg(s, n, name=None, length=lambda i: i % 7 + 1):
    v = (Mmsg * n)(); io = (Iov * n)()
    for i in range(n):
        io[i].b = b'abcdefgh'; io[i].l = length(i)
        if name: v[i].h.name, v[i].h.namelen = name, len(name)
        v[i].h.iov = ctypes.addressof(io[i]); v[i].h.iovlen = 1
    r = libc.sendmmsg(s.fileno(), v, n, 0)
    return r if r >= 0 else errno.errorcode[ctypes.get_errno()], [m.len for m in v][:5], sum(m.len for m in v)
@t('mmsg')
def _():
    s = socket.socket(2, 2); s.bind(('127.0.0.1', 0)); s.setsockopt(1, 8, 4000000)
    c = socket.socket(2, 2); a = struct.pack('=H', 2) + struct.pack('>H', s.getsockname()[1]) + b'\x7f\0\0\1' + bytes(8)
    return mmsg(c, 3, a), mmsg(c, 100, a), mmsg(c, 1024, a), mmsg(c, 0, a)
@t('mmsg-stream')
def _():
    c, a = pair(); r = mmsg(c, 1000); c.close(); return r, drain(a)
@t('mmsg-part')
def _():
    s = socket.socket(2, 2); s.bind(('127.0.0.1', 0)); c = socket.socket(2, 2); c.connect(s.getsockname())
    return mmsg(c, 5, None, lambda i: 3 if i < 2 else 1 << 40)
@t('fastopen')
def _():
    s = listener(); s.setsockopt(6, 23, 5); c = socket.socket(); r = no(c.sendto, b'abc', FASTOPEN, s.getsockname())
    d = socket.socket(); r2 = no(d.sendmsg, [b'defg'], [], FASTOPEN, s.getsockname())
    out = [s.accept()[0].recv(9) for x in (r, r2) if type(x) is int]; return r, r2, sorted(out)
@t('fastopen-connect')
def _():
    s = listener(); s.setsockopt(6, 23, 5); c = socket.socket(); c.setsockopt(6, 30, 1)
    c.connect(s.getsockname()); c.send(b'abc'); return s.accept()[0].recv(9)
@t('rights')
def _():
    s, p = local(); c = socket.socket(socket.AF_UNIX); c.connect(p); a, _ = s.accept(); out = []
    for n in 1, 33, 253, 254:
        r, w = os.pipe()
        out.append(no(c.sendmsg, [b'x'], [(1, 1, array.array('i', [w] * n))])); os.close(w)
        if type(out[-1]) is int:
            m, fds, _, _ = socket.recv_fds(a, 1, 300); os.write(fds[-1], b'q')
            out.append((len(fds), os.read(r, 9)))
            for f in fds: os.close(f)
        os.close(r)
    return out
@t('rights-bad')
def _():
    s, p = local(); c = socket.socket(socket.AF_UNIX); c.connect(p); x, y = pair()
    return no(c.sendmsg, [b'x'], [(1, 1, array.array('i', [999]))]), no(c.sendmsg, [b'x'], [(1, 1, b'')]), \
        no(x.sendmsg, [b'x'], [(1, 1, array.array('i', [0]))]), no(c.sendmsg, [b'x'], [(1, 77, b'')]), \
        no(c.sendmsg, [b'x'], [(99, 1, b'abcd')])
@t('credentials')
def _():
    s, p = local(socket.SOCK_DGRAM); s.setsockopt(1, 16, 1); c = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    me = struct.pack('iii', os.getpid(), os.getuid(), os.getgid())
    r = no(c.sendmsg, [b'x'], [(1, 2, me)], 0, p); m, anc, _, _ = s.recvmsg(9, 200)
    return r, struct.unpack('iii', anc[0][2])[1:] == (os.getuid(), os.getgid()), \
        no(c.sendmsg, [b'x'], [(1, 2, struct.pack('iii', os.getpid(), 12345, 0))], 0, p) if os.getuid() else 0
@t('peercred')
def _():
    s, p = local(); c = socket.socket(socket.AF_UNIX); c.connect(p); a, _ = s.accept()
    return struct.unpack('iii', a.getsockopt(1, 17, 12))[1:] == (os.getuid(), os.getgid())
@t('pktinfo')
def _():
    s = socket.socket(2, 2); s.bind(('127.0.0.1', 0)); s.settimeout(60); c = socket.socket(2, 2)
    c.sendmsg([b'x'], [(0, 8, struct.pack('=i4s4s', 0, b'\x7f\0\0\5', bytes(4)))], 0, s.getsockname())
    return s.recvfrom(9)[1][0]
@t('ttl')
def _():
    s = socket.socket(2, 2); s.bind(('127.0.0.1', 0)); s.settimeout(60); s.setsockopt(0, 12, 1); c = socket.socket(2, 2)
    c.sendmsg([b'x'], [(0, 2, struct.pack('i', 7))], 0, s.getsockname())
    return s.recvmsg(9, 99)[1][0][2]
@t('gso')
def _():
    s = socket.socket(2, 2); s.bind(('127.0.0.1', 0)); s.settimeout(60); c = socket.socket(2, 2)
    c.sendmsg([b'abcdef'], [(17, 103, struct.pack('H', 2))], 0, s.getsockname()); return [s.recv(9) for _ in range(3)]
@t('connected-dgram')
def _():
    s, p = local(socket.SOCK_DGRAM); c = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); c.bind(D + '/cd')
    c.connect(p); c.send(b'x'); m, a = s.recvfrom(9); s.sendto(b'y', a); return m, c.recv(9), a == D + '/cd'
@t('replaced')
def _():
    # the socket of a name that is made again
    s, p = local(); os.unlink(p); u = socket.socket(socket.AF_UNIX); u.bind(p); u.listen()
    c = socket.socket(socket.AF_UNIX); c.connect(p); u.settimeout(60); return u.accept()[1]
@t('mode')
def _():
    s, p = local(); os.chmod(p, 0o000)
    r = no(socket.socket(socket.AF_UNIX).connect, p); return r if os.getuid() else 0
@t('bytes-name')
def _():
    n = os.fsencode(D) + b'/\xff\xfe\x01\n'; s = socket.socket(socket.AF_UNIX); s.bind(n); s.listen()
    c = socket.socket(socket.AF_UNIX); c.connect(n); return os.fsencode(c.getpeername()) == n
@t('interfaces')
def _(): return 'lo' in [n for _, n in socket.if_nameindex()]
@t('getifaddrs')
def _():
    class A(ctypes.Structure): pass
    A._fields_ = [('next', ctypes.POINTER(A)), ('name', ctypes.c_char_p)]
    p = ctypes.POINTER(A)(); r = libc.getifaddrs(ctypes.byref(p)); n = set()
    while p: n.add(p.contents.name); p = p.contents.next
    return r, b'lo' in n
@t('resolve')
def _(): return sorted({x[4][0] for x in socket.getaddrinfo('127.0.0.1', 80)}), socket.gethostbyname('localhost')
@t('many-accepts')
def _():
    s = listener(); s.settimeout(None); js = [thread(lambda: s.accept()[0].recv(9)) for _ in range(20)]
    cs = []
    for _ in js: c = socket.socket(); c.connect(s.getsockname()); c.send(b'x'); cs.append(c)
    return [j() for j in js].count(b'x')
@t('many-connects')
def _():
    s = listener(); s.listen(128)
    def one():
        for _ in range(20): c = socket.socket(); c.connect(s.getsockname()); c.close()
        return 1
    js = [thread(one) for _ in range(5)]; n = [s.accept()[0].close() for _ in range(100)]
    return len(n), [j() for j in js]
