# Every process of a running sandbox as the kernel shows it, one line each, in
# the columns of the table in privsep-sandbox-design(7); see roles.t.
#
#	roles.py PROGRAM UID [ARG ...]
#
# Must be root where UID is not its own.
import os
import re
import signal
import subprocess
import sys
import time

program, uid, args = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
CAPS = {0: 'none', 1 << 5: 'kill'}


def text(path):
    with open(path, 'rb') as f:
        return f.read()


def children(pid):
    out = []
    for t in os.listdir('/proc/%d/task' % pid):
        out += text('/proc/%d/task/%s/children' % (pid, t)).split()
    return [int(p) for p in out]


def name(pid, parent):
    line = text('/proc/%d/cmdline' % pid).replace(b'\0', b' ').decode().strip()
    m = re.match(r'privsep-sandbox: ([a-z]+)( lane)?', line)
    if m:
        return 'lane' if m.group(2) else m.group(1)
    return 'command' if parent == 'receiver' else None


def everyone(box):
    found, todo = {}, [(box, None)]
    while todo:
        pid, parent = todo.pop()
        try:
            n = name(pid, parent)
            todo += [(c, n) for c in children(pid)]
        except (FileNotFoundError, ProcessLookupError):
            n = None
        found[n] = pid
    return found


def descriptor(pid, fd):
    to = os.readlink('/proc/%d/fd/%s' % (pid, fd))
    for start, kind in (('socket:', 'socket'), ('pipe:', 'pipe'),
                        ('anon_inode:[eventpoll]', 'epoll'),
                        ('anon_inode:[eventfd', 'eventfd'),
                        ('anon_inode:[signalfd]', 'signalfd'),
                        ('anon_inode:seccomp', 'listener'),
                        ('anon_inode:[pidfd]', 'pidfd'),
                        ('/dev/null', 'null')):
        if to.startswith(start):
            return kind
    if to == '/':
        return '/'
    if re.fullmatch(r'/proc/\d+/task/\d+/children', to):
        return 'children'
    if re.fullmatch(r'/proc/\d+/task/\d+/(stat|status)', to):
        return 'pulse'
    if re.fullmatch(r'/proc/\d+/fd', to):
        return '/proc/self/fd'
    if to == '/proc':
        return to
    if os.path.basename(to) == os.path.basename(program):
        return 'program'
    if re.fullmatch(r'.*/privsep-sandbox\.\w{6}', to):
        return 'tmpdir'
    if to == learned:
        return 'policy'
    return 'other ' + to


def descriptors(pid):
    kinds = {}
    for fd in os.listdir('/proc/%d/fd' % pid):
        k = descriptor(pid, fd)
        kinds[k] = kinds.get(k, 0) + 1
    return ', '.join(k if n == 1 else '%d %s' % (n, k)
                     for k, n in sorted(kinds.items()))


def line(role, pid):
    st = dict(l.split(':\t', 1) for l in
              text('/proc/%d/status' % pid).decode().splitlines())
    ids = set(st['Uid'].split() + st['Gid'].split())
    owner = os.stat('/proc/%d/environ' % pid).st_uid
    caps = set(int(st[c], 16) for c in ('CapPrm', 'CapEff', 'CapInh',
                                        'CapAmb'))
    env = [e for e in text('/proc/%d/environ' % pid).split(b'\0')
           if b'=' in e]
    limits = text('/proc/%d/limits' % pid).decode()
    root = os.readlink('/proc/%d/root' % pid)
    # owned by root: not dumpable.  Where it runs as root that does not show.
    dump = '-' if ids == {'0'} else 'yes' if owner == int(min(ids)) else 'no'
    return ' | '.join((
        role + (' of root' if uid == 0 else ''),
        'same' if ids == {str(uid)} else 'other' if str(uid) not in ids and
        len(ids) == 1 else 'mixed',
        '+'.join(CAPS.get(c, hex(c)) for c in caps),
        st['NoNewPrivs'].strip(), st['Seccomp_filters'].strip(),
        dump, 'empty' if root.endswith('(deleted)') else root,
        re.search(r'core file size\s+(\d+)', limits).group(1),
        'none' if not env else 'its own' if b'ROLES_T=1' in env else
        'other', descriptors(pid)))


def demote():
    if uid != os.getuid():
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)


learned = os.path.realpath(args[1]) if args[:1] == ['-L'] else None
# something the policy worker is asked: then there is a lane, which has answered
p = subprocess.Popen([program] + args + ['--', 'sh', '-c',
                     'cat /etc/passwd; chmod 600 roles.t.none 2>/dev/null; exec sleep 100'],
                     stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                     stderr=subprocess.DEVNULL, preexec_fn=demote,
                     env=dict(os.environ, ROLES_T='1'))
want = {'monitor', 'receiver', 'policy', 'integrity', 'lane', 'command'}
if learned:
    want.add('learn')
if any(' host ' in a for a in args):
    want.add('resolver')
for i in range(600):
    got = everyone(p.pid)
    if want <= set(got) and text('/proc/%d/cmdline' %
                                 got['command']).startswith(b'sleep\0'):
        break
    time.sleep(0.05)
else:
    print('missing: ' + ' '.join(want - set(got)))
time.sleep(0.2)     # the lane has answered the exec and closed what it had
for role in sorted(want):
    if role in got:
        print(line(role, got[role]))
p.send_signal(signal.SIGTERM)
p.wait()
