#!/bin/sh
# setxattrat, getxattrat, listxattrat, removexattrat, file_getattr, file_setattr
# and name_to_handle_at, brokered: as the kernel answers them bare, result, error
# and memory, and under the rights that their older forms take.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"

have python3 || { skip "the calls of 6.13 and 6.17" "no python3"; exit 0; }
mkdir -p bare in dir
cat >calls.py <<'PY'
# Writes one line a call: what it returned and what is in memory then.
import ctypes, errno, os, struct, sys, zlib
libc = ctypes.CDLL(None, use_errno=True)
SET, GET, LIST, REMOVE, FGET, FSET, HANDLE = 463, 464, 465, 466, 468, 469, 303
AT, NOFOLLOW, FOLLOW, EMPTY = -100, 0x100, 0x400, 0x1000
os.chdir(sys.argv[1])
for n in 'f', 'long':
    open(n, 'w').close()
os.makedirs('d/e', exist_ok=True)
if not os.path.islink('l'):
    os.symlink('f', 'l')
    os.symlink('nothing', 'dangling')
mem = ctypes.create_string_buffer(70000)
base = ctypes.addressof(mem)
fd, path = os.open('f', os.O_RDWR), os.open('f', os.O_PATH)
dirfd, pipe = os.open('d', os.O_RDONLY), os.pipe()[0]
gone = os.open('gone', os.O_RDWR | os.O_CREAT)
os.unlink('gone')
def c(what, nr, *a, fill=b'', args=b'', look=None):
    ctypes.memset(base, 0x5a, len(mem))
    ctypes.memmove(base + 4096, fill, len(fill))
    ctypes.memmove(base + 1024, args, len(args))
    a = [x.encode() if isinstance(x, str) else
         ctypes.c_long(x) if isinstance(x, int) else x for x in a]
    r = libc.syscall(nr, *a)
    e = '' if r >= 0 else errno.errorcode[ctypes.get_errno()]
    after = bytearray(mem.raw)
    if look:
        after = look(after)
    # where it is not as it was filled, and a sum
    print(what, r, e, len(after) - len(after.lstrip(b'Z')),
          len(after.rstrip(b'Z')), zlib.crc32(after))
B = base + 8192		# what is set or got
A = base + 1024		# the structures
def xargs(value, size, flags=0, more=b''):
    return struct.pack('=QII', value, size, flags) + more
def sx(what, d, p, at, name, a, size=16):
    # addresses are not the same twice
    c('set ' + what, SET, d, p, at, name, A, size, args=a,
      look=lambda m: m[:1024] + b'\x5a' * 64 + m[1088:])
def gx(what, d, p, at, name, a, size=16):
    c('get ' + what, GET, d, p, at, name, A, size, args=a,
      look=lambda m: m[:1024] + b'\x5a' * 64 + m[1088:])
V = base + 16384
def handle(m):
    n, kind = struct.unpack('=II', m[4096:4104])
    m[4104:4104 + min(n, 128)] = b'h' * min(n, 128) if kind != 0x5a5a5a5a else b''
    m[16384:16392] = bytes(b if b == 0x5a else 1 for b in m[16384:16392])
    return m
for what, d, p, at in (('', AT, 'f', 0), ('link', AT, 'l', 0), ('nofollow', AT, 'l', NOFOLLOW),
    ('dirfd', dirfd, 'e', 0), ('fd', fd, '', EMPTY), ('fd null', fd, None, EMPTY),
    ('fd no flag', fd, '', 0), ('null', fd, None, 0), ('path', path, '', EMPTY),
    ('pipe', pipe, '', EMPTY), ('gone', gone, '', EMPTY), ('bad', 99, '', EMPTY),
    ('bad rel', 99, 'f', 0), ('cwd', AT, '', EMPTY), ('cwd null', AT, None, EMPTY),
    ('under file', fd, 'x', 0), ('missing', AT, 'nothing', 0),
    ('dangling', AT, 'dangling', 0), ('slash', AT, 'f/', 0), ('procfd', AT, '/proc/self/fd/%d' % fd, 0),
    ('procfd nofollow', AT, '/proc/self/fd/%d' % fd, NOFOLLOW), ('root', AT, '/', 0),
    ('long', AT, 'x' * 256, 0), ('too long', AT, './' * 2048, 0),
    ('longest', AT, './' * 2047 + 'f', 0), ('fault', AT, 8, 0), ('flag', AT, 'f', 0x40)):
    if what != 'root':
        sx(what, d, p, at, 'user.x', xargs(V, 5))
        sx(what + ' create', d, p, at, 'user.x', xargs(V, 5, 1))
        sx(what + ' replace', d, p, at, 'user.none', xargs(V, 5, 2))
    for size in 0, 3, 5, 65536, 65537, 0xffffffff:
        gx('%s %d' % (what, size), d, p, at, 'user.x', xargs(B, size))
        c('list %s %d' % (what, size), LIST, d, p, at, B, size,
          look=None)
    for size in 24, 32, 4096, 4097, 23, 0, 1 << 40:
        c('fget %s %d' % (what, size), FGET, d, p, B, size, at,
          # inodes of their own: extents, projects
          look=lambda m: m[:8192 + 12] + b'\x5a' * 4 + m[8192 + 16:])
    if what != 'root':
        for flags in 0, 0x80, 0xc0, 0, 0x400000, 1 << 40, 0x8:
            if os.geteuid() == 0 and flags == 8:
                continue
            c('fset %s %x' % (what, flags), FSET, d, p, A, 24, at, args=struct.pack('=QIIII', flags, 0, 0, 0, 0))
        c('remove ' + what, REMOVE, d, p, at, 'user.x')
    for room in 0, 4, 128, 129:
        for flag in 0, 1, 2, 0x200, FOLLOW:
            # of another object: what is in it is not the same, how long it is
            c('handle %s %d %x' % (what, room, flag), HANDLE, d, p, 4096 + base, V,
              (at & ~NOFOLLOW) | flag, fill=struct.pack('=I', room), look=handle)
# sizes and what is wrong with structures, in the kernel's order
for size in 0, 15, 16, 17, 24, 4096, 4097, 1 << 40:
    for more in b'\0' * 4096, b'\0' * 7 + b'\1' + b'\0' * 4096:
        for p, at, name in ('f', 0, 'user.x'), ('nothing', 0x40, 'bad'), (8, 0, 8):
            sx('size %d %s' % (size, p), AT, p, at, name, xargs(V, 1, 0, more[:3000]), size)
            gx('size %d %s' % (size, p), AT, p, at, name, xargs(B, 9, 0, more[:3000]), size)
for size in 24, 25, 32, 4096, 4097, 23:
    for more in b'\0' * 3000, b'\0' * 7 + b'\1' + b'\0' * 3000:
        c('fset size %d' % size, FSET, AT, 'f', A, size, 0, args=b'\0' * 24 + more)
for flags in 1, 2, 3, 4, 1 << 31:
    sx('flags %x' % flags, AT, 'f', 0, 'user.y', xargs(V, 1, flags))
    gx('flags %x' % flags, AT, 'f', 0, 'user.y', xargs(B, 1, flags))
for name in '', 'user.', 'x', 'user.' + 'n' * 250, 'user.' + 'n' * 251, 'user.' + 'n' * 5000, None, 8:
    sx('name %.9s' % name, AT, 'f', 0, name, xargs(V, 1))
    gx('name %.9s' % name, AT, 'f', 0, name, xargs(B, 1))
    c('remove name %.9s' % name, REMOVE, AT, 'f', 0, name)
    c('remove name and flag %.9s' % name, REMOVE, AT, 8, 0x40, name)
for v in 0, 8, 1 << 46:
    sx('value %x' % v, AT, 'f', 0, 'user.x', xargs(v, 3))
    sx('value %x none' % v, AT, 'f', 0, 'user.x', xargs(v, 0))
    sx('value %x long' % v, AT, 'nothing', 0, 'user.x', xargs(v, 65537))
    sx('', AT, 'f', 0, 'user.x', xargs(V, 3))
    gx('value %x' % v, AT, 'f', 0, 'user.x', xargs(v, 9))
    gx('value %x none' % v, AT, 'f', 0, 'user.x', xargs(v, 0))
    c('fget to %x' % v, FGET, AT, 'f', v, 24, 0)
    c('handle to %x' % v, HANDLE, AT, 'f', v, V, 0, look=handle)
    c('handle id to %x' % v, HANDLE, AT, 'f', A, v, 0, args=b'\x80\0\0\0')
    c('fset of %x' % v, FSET, AT, 'nothing', v, 24, 0)
    c('set at %x' % v, SET, AT, 'f', 0x40, 'user.x', v, 16)
    c('get at %x' % v, GET, AT, 'f', 0x40, 'user.x', v, 16)
sx('big', AT, 'f', 0, 'user.big', xargs(V, 2000))
gx('big', AT, 'f', 0, 'user.big', xargs(B, 2000))
gx('big, no room', AT, 'f', 0, 'user.big', xargs(B, 1999))
PY
cat >all.conf <<'CONF'
allow read,exec,library,xattr under "/"
allow all under "$PWD"
deny stat,walk "/nowhere-x"
deny xattr under "/nowhere-x"
CONF
timeout 60 python3 calls.py bare >bare.out 2>bare.err
is "bare the calls were made" "$?:$(cat bare.err)" 0:
run -f all.conf -- python3 calls.py in
is "brokered the calls were made" "$st:$err" 0:
echo "$out" >in.out
is "each answers as bare, and writes where it writes bare" \
    "$(diff bare.out in.out | head -20)" ""
[ "$(wc -l <bare.out)" -gt 1000 ]
ok "more than a thousand calls"
run -v -f all.conf -- python3 calls.py in
for call in setxattrat getxattrat listxattrat removexattrat file_getattr \
    file_setattr name_to_handle_at; do
	like "$call was notified" "$err" "notified:.* $call [0-9]+"
done

# Under which rights.
echo x >dir/secret
cat >less.conf <<'CONF'
allow read,exec,library under "/"
allow all under "$PWD/in"
deny xattr,stat under "$PWD/dir"
CONF
cat >try.py <<'PY'
import ctypes, errno, struct
libc = ctypes.CDLL(None, use_errno=True)
mem = ctypes.create_string_buffer(4096)
at = ctypes.create_string_buffer(struct.pack('=QII', ctypes.addressof(mem), 1, 0))
attr = ctypes.create_string_buffer(24)
def c(what, *a):
    r = libc.syscall(*[ctypes.c_long(x) if isinstance(x, int) else x for x in a])
    print(what, r if r >= 0 else errno.errorcode[ctypes.get_errno()])
p = b'dir/secret'
c('set', 463, -100, p, 0, b'user.x', at, 16)
c('get', 464, -100, p, 0, b'user.x', at, 16)
c('list', 465, -100, p, 0, mem, 100)
c('remove', 466, -100, p, 0, b'user.x')
c('fget', 468, -100, p, attr, 24, 0)
c('fset', 469, -100, p, attr, 24, 0)
ctypes.memmove(mem, b'\x80\0\0\0', 4)
c('handle', 303, -100, p, mem, ctypes.addressof(mem) + 1024, 0)
c('open', 304, 3, mem, 0)
PY
run -f less.conf -- python3 try.py
if grep -q '^fget .* ENOSYS' bare.out; then
	skip "they take xattr and stat" "the kernel has them not"
else
	is "they take xattr and stat, and no handle is opened" "$(echo $out)" \
	    "set EACCES get EACCES list EACCES remove EACCES fget EACCES fset EACCES handle EACCES open EPERM"
fi
like "the log names call and file" "$err" 'file_setattr .*dir/secret'
