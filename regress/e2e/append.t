#!/bin/sh
# append: files that only grow, whatever a program does with them.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"

have python3 || { skip "append" "no python3"; exit 0; }
mkdir -p log other
echo one >log/a; echo one >log/b.txt; echo one >other/f
cat >append.conf <<'CONF'
profile "default"
append under "$PWD/log"
append glob "$PWD/*.journal"
CONF
echo one >x.journal
inside() { run -f append.conf -- "$@"; }

inside sh -c 'echo two >>log/a; echo new >>log/n; cat log/a log/n'
is "what is written goes to the end" "$st $(echo $out)" "0 one two new"
cat >try.py <<'PY'
import ctypes, errno, fcntl, mmap, os, sys
libc = ctypes.CDLL(None, use_errno=True)
f = sys.argv[1]
def t(what, fn):
    try:
        r = fn(); print(what, 'ok')
    except OSError as e:
        print(what, errno.errorcode[e.errno])
def check(r):
    if r < 0:
        raise OSError(ctypes.get_errno(), '')
    return r
t('O_TRUNC', lambda: os.open(f, os.O_WRONLY | os.O_TRUNC))
t('O_TRUNC read', lambda: os.open(f, os.O_RDONLY | os.O_TRUNC))
t('creat', lambda: os.open(f, os.O_WRONLY | os.O_CREAT | os.O_TRUNC))
t('O_RDWR', lambda: os.open(f, os.O_RDWR))
t('O_RDWR append', lambda: os.open(f, os.O_RDWR | os.O_APPEND))
t('truncate', lambda: os.truncate(f, 0))
t('unlink', lambda: os.unlink(f))
t('rename', lambda: os.rename(f, f + '.old'))
t('rename over', lambda: os.rename('other/f', f))
t('link', lambda: os.link(f, 'other/l'))
w = os.open(f, os.O_WRONLY)
print('forced', bool(fcntl.fcntl(w, fcntl.F_GETFL) & os.O_APPEND))
t('ftruncate', lambda: os.ftruncate(w, 0))
t('grow', lambda: os.ftruncate(w, 1000))
t('clear', lambda: fcntl.fcntl(w, fcntl.F_SETFL, 0))
t('clear nonblock', lambda: fcntl.fcntl(w, fcntl.F_SETFL, os.O_NONBLOCK))
t('keep', lambda: fcntl.fcntl(w, fcntl.F_SETFL, os.O_APPEND | os.O_NONBLOCK))
t('punch', lambda: check(libc.fallocate(w, 3, ctypes.c_long(0), ctypes.c_long(4096))))
t('zero', lambda: check(libc.fallocate(w, 0x10, ctypes.c_long(0), ctypes.c_long(4096))))
t('collapse', lambda: check(libc.fallocate(w, 8, ctypes.c_long(0), ctypes.c_long(4096))))
t('seek', lambda: os.lseek(w, 0, 0)); t('write', lambda: os.write(w, b'W'))
t('pwrite', lambda: os.pwrite(w, b'P', 0))
iov = (ctypes.c_void_p * 2)(ctypes.cast(ctypes.create_string_buffer(b'N'), ctypes.c_void_p), 1)
t('noappend', lambda: check(libc.syscall(328, w, iov, 1, ctypes.c_long(0), ctypes.c_long(0), 0x20)))
t('map', lambda: mmap.mmap(w, 1, mmap.MAP_SHARED, mmap.PROT_WRITE))
src = os.open('other/f', os.O_RDONLY)
t('copy', lambda: os.copy_file_range(src, w, 1, 0, 0))
t('clone', lambda: fcntl.ioctl(w, 0x40049409, src))
t('unresvsp', lambda: fcntl.ioctl(w, 0x4030582b, b'\0' * 48))
ctx = ctypes.c_ulong(0)
if libc.syscall(206, 1, ctypes.byref(ctx)) == 0:
    t('aio', lambda: check(libc.syscall(209, ctx, 0, None)))
t('again', lambda: os.open('/proc/self/fd/%d' % w, os.O_WRONLY | os.O_TRUNC))
r = os.open('/proc/self/fd/%d' % w, os.O_WRONLY); os.pwrite(r, b'R', 0)
d = os.dup(w); t('dup', lambda: fcntl.fcntl(d, fcntl.F_SETFL, 0))
pid = os.fork()
if pid == 0:
    t('child', lambda: fcntl.fcntl(w, fcntl.F_SETFL, 0)); os._exit(0)
os.waitpid(pid, 0)
os.pwrite(w, b'Z', 0)
PY
want="O_TRUNC EPERM
O_TRUNC read EPERM
creat EPERM
O_RDWR EPERM
O_RDWR append EPERM
truncate EPERM
unlink EPERM
rename EPERM
rename over EPERM
link EPERM
forced True
ftruncate EPERM
grow EPERM
clear EPERM
clear nonblock EPERM
keep ok
punch EPERM
zero EPERM
collapse EPERM
seek ok
write ok
pwrite ok
noappend ENOTSUP
map EACCES
copy EBADF
clone EBADF
unresvsp ENOTSUP
aio ENOSYS
again EPERM
dup EPERM
child EPERM"
for f in log/b.txt x.journal; do
	inside python3 -u try.py $f
	echo "$out" | grep -v '^clone' >"$T/got"
	echo "$want" | grep -v '^clone' >"$T/want"
	is "$f: no call changes what is there" "$(diff "$T/got" "$T/want")" ""
	is "$f: it has what it had, and more" "$(head -1 $f)" one
	like "... all of it at the end" "$(tail -c +5 $f)" '^WPRZ$'
done
timeout 20 python3 -c '
import fcntl, os
w = os.open("other/f", os.O_WRONLY | os.O_APPEND)
os.ftruncate(w, 1); fcntl.fcntl(w, fcntl.F_SETFL, 0); os.pwrite(w, b"X", 0)'
is "bare, the same changes it" "$(cat other/f)" X
echo one >other/f

inside python3 -u -c '
import os, fcntl
w = os.open("other/f", os.O_RDWR | os.O_APPEND)
fcntl.fcntl(w, fcntl.F_SETFL, os.O_NONBLOCK)
print(fcntl.fcntl(w, fcntl.F_GETFL) & (os.O_APPEND | os.O_NONBLOCK) == os.O_NONBLOCK)
os.pwrite(w, b"two!", 0); os.ftruncate(w, 3); os.posix_fallocate(w, 0, 10)
print(os.fstat(w).st_size, os.pread(w, 9, 0))
r, p = os.pipe(); os.set_blocking(r, False); print(os.get_blocking(r), os.get_blocking(p))'
is "other files, and pipes, are as ever" "$out" "True
10 b'two\\x00\\x00\\x00\\x00\\x00\\x00'
False True"
inside sh -c 'echo x >log/fresh; echo y >log/fresh; cat log/fresh; rm log/fresh'
is "a file that is made there is so from the beginning" "$(echo $out)" x
like "... and the log says by what" "$err" 'truncate .*log/fresh.* by append.conf:2 append under'
inside python3 -c '
import logging
logging.basicConfig(filename="log/py", level=20); logging.info("hello"); logging.info("again")
print(open("log/py").read())'
like "python logs to it" "$out" 'INFO:root:hello'
run -f append.conf -r 'allow write, delete under "'"$WORK"'/log"' -- sh -c 'echo z >log/a; cat log/a; rm log/n'
is "a later allow takes it back" "$st $out" "0 z"
run -n -f append.conf
like "-n: the rule and who holds it" "$out" '^append under ".*/log"	# append.conf:2: broker: .*truncate'
echo "$out" >again.conf
run -n -f again.conf
like "-n can be read again" "$out" '^append glob ".*/\*.journal"'
run -n -r 'append read /x'
like "mistake" "$st $err" "^125 .*unexpected 'read'"
