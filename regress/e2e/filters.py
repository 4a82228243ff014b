# What -n -F wrote, against itself and against the kernel; see filters.t.
#
#	filters.py same DIRECTORY	each .pfc decides as its .bpf does
#	filters.py live DIRECTORY PROGRAM UID [ARG ...]
#		what each process of a running sandbox has loaded is the .bpf,
#		byte for byte, by PTRACE_SECCOMP_GET_FILTER; as root
#
# The pseudo code is parsed here by its own rules, and run beside the
# instructions on every system call number there is, and past the end, with
# arguments around each constant of the filter.
import ctypes
import errno
import os
import random
import re
import signal
import struct
import subprocess
import sys
import time

X86_64 = 3221225534
ACTIONS = {0x80000000: 'KILL_PROCESS', 0x30000: 'TRAP', 0x7fc00000:
           'USER_NOTIF', 0x7fff0000: 'ALLOW', 0: 'KILL_THREAD',
           0x7ffc0000: 'LOG', 0x7ff00000: 'TRACE'}


def load(path):
    data = open(path, 'rb').read()
    assert data and len(data) % 8 == 0, path
    return [struct.unpack_from('=HBBI', data, i)
            for i in range(0, len(data), 8)]


# The kernel's interpreter, as far as these filters go.
def run_bpf(insns, data):
    pc, acc = 0, 0
    while True:
        code, jt, jf, k = insns[pc]
        pc += 1
        if code == 0x20:
            acc = struct.unpack_from('=I', data, k)[0]
        elif code == 0x54:
            acc &= k
        elif code == 0x05:
            pc += k
        elif code in (0x15, 0x25, 0x35, 0x45):
            hit = {0x15: acc == k, 0x25: acc > k, 0x35: acc >= k,
                   0x45: acc & k != 0}[code]
            pc += jt if hit else jf
        elif code == 0x06:
            act = k & 0xffff0000
            if act == 0x50000:
                return 'ERRNO(%s)' % errno_name(k & 0xffff)
            return ACTIONS[act]
        else:
            raise SystemExit('code %#x' % code)


def errno_name(n):
    # two names for one number
    return {95: 'EOPNOTSUPP', 11: 'EAGAIN'}.get(
        n, errno.errorcode.get(n, str(n)))


GOAL = r'(?:action (\S+);|goto (\d+);)'
TEST = re.compile(r'    (\d+): if \(\$a(\d)\.(lo32|hi32)(?: & (\S+))? '
                  r'(==|>=|>|has) (\S+)\) ' + GOAL + ' else ' + GOAL + '$')


# [(first, last, [line])], for x86-64 and for any other
def parse(path):
    both, to = [], None
    for line in open(path).read().split('\n'):
        m = re.match(r'  if \(\$syscall == (\d+)\)$', line)
        if m:
            to = []
            ranges.append((int(m.group(1)), int(m.group(1)), to))
            continue
        m = re.match(r'  if \(\$syscall >= (\d+) && \$syscall <= (\d+)\)$',
                     line)
        if m:
            to = []
            ranges.append((int(m.group(1)), int(m.group(2)), to))
            continue
        if line == 'if ($arch %s %d)' % ('!=' if both else '==', X86_64):
            ranges = []
            both.append(ranges)
            continue
        if line.lstrip().startswith('#') or line == '':
            continue
        m = re.match('    ' + GOAL + '$', line)
        if m and m.group(1):
            to.append((None, m.group(1)))
            continue
        m = TEST.match(line)
        assert m, 'not pseudo code: %r' % line
        n, arg, half, mask, op, k, a, b, c, d = m.groups()
        to.append((int(n), int(arg) * 8 + (4 if half == 'hi32' else 0),
                   int(mask, 0) if mask else 0xffffffff, op, int(k, 0),
                   a or int(b), c or int(d)))
    assert len(both) == 2, path
    for ranges in both:
        where = 0
        for first, last, body in ranges:
            assert first == where and last >= first, (path, first, where)
            where = last + 1
        assert where == 1 << 32, path
    return both


def run_pfc(pfc, data):
    nr, arch = struct.unpack_from('=II', data, 0)
    body = next(b for f, l, b in pfc[arch != X86_64] if f <= nr <= l)
    if body[0][0] is None:
        return body[0][1]
    at = {t[0]: t for t in body}
    goal = body[0][0]
    while isinstance(goal, int):
        _, off, mask, op, k, yes, no = at[goal]
        v = struct.unpack_from('=I', data, 16 + off)[0] & mask
        goal = yes if {'==': v == k, '>': v > k, '>=': v >= k,
                       'has': v & k != 0}[op] else no
    return goal


def same(directory):
    rnd, tried, seen = random.Random(7), 0, set()
    names = sorted(n[:-4] for n in os.listdir(directory)
                   if n.endswith('.bpf'))
    for name in names:
        insns = load('%s/%s.bpf' % (directory, name))
        pfc = parse('%s/%s.pfc' % (directory, name))
        ks = sorted({i[3] for i in insns if i[0] in (0x15, 0x25, 0x35, 0x45,
                                                     0x54)})
        around = sorted({(k + d) & 0xffffffff for k in ks
                         for d in (-1, 0, 1)} | {0, 0xffffffff})
        nrs = list(range(600)) + [0x40000000 + n for n in range(0, 600, 7)] \
            + around
        for arch in (X86_64, 0x40000003, 0):
            for nr in nrs:
                body = next(b for f, l, b in pfc[0] if f <= nr <= l)
                for _ in range(1 if body[0][0] is None or arch != X86_64
                               else 300):
                    args = [rnd.choice(around) | (rnd.choice(around) << 32
                            if rnd.random() < 0.3 else 0) for _ in range(6)]
                    data = struct.pack('=IIQ6Q', nr, arch, 0, *args)
                    want, got = run_bpf(insns, data), run_pfc(pfc, data)
                    if want != got:
                        print('%s: call %d arch %d args %s: %s, pseudo code '
                              '%s' % (name, nr, arch, [hex(a) for a in args],
                                      want, got))
                        return
                    seen.add(want)
                    tried += 1
    print('same: %s; %s' % (' '.join(names), ' '.join(sorted(seen))))
    print('# %d calls' % tried, file=sys.stderr)


PTRACE_DETACH, PTRACE_SEIZE, PTRACE_INTERRUPT = 17, 0x4206, 0x4207
PTRACE_SECCOMP_GET_FILTER = 0x420c
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.restype = ctypes.c_long
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p,
                        ctypes.c_void_p]


def loaded(pid):
    out = []
    if libc.ptrace(PTRACE_SEIZE, pid, None, None) == -1:
        raise OSError(ctypes.get_errno(), 'seize %d' % pid)
    libc.ptrace(PTRACE_INTERRUPT, pid, None, None)
    os.waitpid(pid, 0x40000000)
    while True:
        n = libc.ptrace(PTRACE_SECCOMP_GET_FILTER, pid, len(out), None)
        if n == -1:
            if ctypes.get_errno() != 2:
                out.append('errno %d' % ctypes.get_errno())
            break
        buf = ctypes.create_string_buffer(n * 8)
        if libc.ptrace(PTRACE_SECCOMP_GET_FILTER, pid, len(out), buf) != n:
            out.append('length changed')
            break
        out.append(buf.raw)
    libc.ptrace(PTRACE_DETACH, pid, None, None)
    return out


def children(pid):
    out = []
    for t in os.listdir('/proc/%d/task' % pid):
        out += open('/proc/%d/task/%s/children' % (pid, t)).read().split()
    return [int(p) for p in out]


def processes(pid, parent=None):
    line = open('/proc/%d/cmdline' % pid, 'rb').read().replace(
        b'\0', b' ').decode().strip()
    m = re.match(r'privsep-sandbox: ([a-z]+)( lane)?', line)
    name = ('lane' if m.group(2) else m.group(1)) if m else 'command'
    out = [(name, pid)]
    for c in children(pid):
        out += processes(c, name)
    return out


def live(directory, program, uid, args):
    known = {open('%s/%s' % (directory, n), 'rb').read(): n[:-4]
             for n in os.listdir(directory) if n.endswith('.bpf')}

    def user():
        if uid != os.getuid():
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
    box = subprocess.Popen([program] + args + ['--', '/bin/sh', '-c',
                                               'echo up; read x'],
                           stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                           preexec_fn=user)
    assert box.stdout.readline() == b'up\n'
    rows = set()
    for name, pid in processes(box.pid):
        rows.add('%s: %s' % (name, ' '.join(
            known.get(f, 'other') for f in loaded(pid))))
    box.stdin.close()
    box.wait()
    print('\n'.join(sorted(rows)))


if sys.argv[1] == 'same':
    same(sys.argv[2])
else:
    live(sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5:])
