# Every way to name a local socket, to each of the paths given: one line each.
#	hidesock.py serve PATH.st PATH.dg PATH.sq ...: binds them and answers
#	hidesock.py try PATH ...: the errors, one line for each call and path
#	hidesock.py own NAME.dg ...: the same of sockets that it binds itself
# A name that begins with @ is an abstract one.
import array, ctypes, errno, os, select, socket, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
KINDS = {'st': socket.SOCK_STREAM, 'dg': socket.SOCK_DGRAM,
    'sq': socket.SOCK_SEQPACKET}

def serve(paths):
    socks = []
    for p in paths:
        s = socket.socket(socket.AF_UNIX, KINDS[p[-2:]])
        s.bind(p)
        if p[-2:] != 'dg':
            s.listen(64)
        socks.append(s)
    print('ready', flush=True)
    while True:
        for s in select.select(socks, [], [])[0]:
            if s.type == socket.SOCK_DGRAM:
                s.recv(100)
            else:
                s.accept()[0].close()
            print('reached', s.getsockname(), flush=True)

def mmsg(s, p):
    name = ctypes.create_string_buffer(struct.pack('=H', 1) + p.encode())
    iov = ctypes.create_string_buffer(struct.pack('=QQ',
        ctypes.addressof(name), 1))
    m = ctypes.create_string_buffer(struct.pack('=QIIQQQQIIII',
        ctypes.addressof(name), 2 + len(p), 0, ctypes.addressof(iov), 1,
        0, 0, 0, 0, 0, 0))
    if libc.sendmmsg(s.fileno(), m, 1, 0) == -1:
        raise OSError(ctypes.get_errno(), '')

CALLS = {
    'connect': lambda s, p: s.connect(p),
    'connect relative': lambda s, p: s.connect(p[0] == '\0' and p or
        os.path.relpath(p)),
    'connect round': lambda s, p: s.connect(p[0] == '\0' and p or
        '/proc/self/root' + p),
    'sendto': lambda s, p: s.sendto(b'x', p),
    'sendmsg': lambda s, p: s.sendmsg([b'x'], [], 0, p),
    'sendmmsg': mmsg,
}

def attempt(paths):
    for p in paths:
        for c in CALLS:
            for k in KINDS:
                s = socket.socket(socket.AF_UNIX, KINDS[k])
                s.setblocking(c != 'connect')
                try:
                    CALLS[c](s, p)
                    r = 'ok'
                except OSError as e:
                    r = errno.errorcode[e.errno]
                print(c, k, r)

def own(paths):
    kept = [socket.socket(socket.AF_UNIX, KINDS[p[-2:]]) for p in paths]
    for s, p in zip(kept, paths):
        s.bind(p)
        if p[-2:] != 'dg':
            s.listen(64)
    attempt(paths)

{'serve': serve, 'try': attempt, 'own': own}[sys.argv[1]](
    [p.replace('@', '\0') if p[0] == '@' else p for p in sys.argv[2:]])
