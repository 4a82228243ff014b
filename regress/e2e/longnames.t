#!/bin/sh
# Names that are too long, or just not, or that end in memory that is not there:
# every brokered call gives the error that it gives bare, in the same order with
# what else is wrong; and so it is with symlinks, attributes and directories
# whose name is almost too long.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"

have python3 || { skip "long names" "no python3"; exit 0; }
mkdir bare sbox
cat >all.conf <<'CONF'
allow all under "/"
deny stat,walk "/nowhere-x"
deny xattr,chmod,chown,chgrp,utime,readfile,writefile,mkfile,readdir,truncate,link,rename,unlink,rmdir,mkdir,symlink,mkfifo under "/nowhere-x"
CONF
cat >names.py <<'PY'
import ctypes,errno,os,sys
l=ctypes.CDLL(None,use_errno=True)
os.chdir(sys.argv[1])
buf=ctypes.create_string_buffer(8192)
open('f','w').close()
try: os.symlink('f','l')
except FileExistsError: pass
fd=os.open('f',os.O_RDWR); d=os.open('.',os.O_RDONLY); ifd=l.inotify_init1(0)
import mmap
m=mmap.mmap(-1,3*4096)
addr=ctypes.addressof(ctypes.c_char.from_buffer(m))
l.mprotect(ctypes.c_void_p(addr+8192),4096,0)
def edge(s): # ends right before an unreadable page, without NUL
    m[8192-len(s):8192]=s
    return addr+8192-len(s)
P4095=b'./'*2047+b'f'; P4096=b'./'*2047+b'ff'; P5000=b'./'*2500; BIG=b'/'*70000
long_rel=b'x'*300
paths={'4095':P4095,'4096':P4096,'5000':P5000,'big':BIG,'fault':8,'null':0,'edge':edge(b'./'*50),'comp':long_rel,'comp/x':long_rel+b'/x','dir/comp':b'./'+long_rel+b'/..','4095n':b'n/'*2047+b'n','abs4096':b'/'*4096,'last255':b'./'*1900+b'y'*255,'last256':b'./'*1900+b'y'*256,'empty':b''}
def c(*a):
    a=[ctypes.c_long(x) if isinstance(x,int) else x for x in a]
    r=l.syscall(*a)
    return 'ok' if r>=0 else errno.errorcode[ctypes.get_errno()]
AT=-100
B=ctypes.addressof(buf)
ho=ctypes.create_string_buffer(24)
for n,p in paths.items():
  for dn,dd in (('at',AT),('d',d),('fd',fd),('bad',99),('neg',-5)):
    print(n,dn,
     'openat',c(257,dd,p,0),'creat',c(257,dd,p,0o100|1,0) if n in('4096','5000','big','fault','null','comp','comp/x') else '',
     'openat2',c(437,dd,p,ho,24),'mkdirat',c(258,dd,p,0o700),'mknodat',c(259,dd,p,0o10600,0) if n not in('4095',) else '',
     'unlinkat',c(263,dd,p,0) if n not in ('4095',) else '','rmdir',c(263,dd,p,0x200),'renameat',c(264,dd,p,AT,b'g') if n!='4095' else '','renameto',c(264,99,b'f',dd,p),c(264,AT,8,dd,p),c(264,dd,p,99,b'q') if n!='4095' else '',
     'linkat',c(265,dd,p,AT,b'f',0),c(265,99,b'f',dd,p,0),c(265,AT,b'nn',dd,p,0),c(265,AT,8,dd,p,0),'symlinkat',c(266,b'x',dd,p) ,c(266,8,dd,p),c(266,b'',dd,p),c(266,p,99,b'z'),c(266,p,AT,b'f'),
     'readlinkat',c(267,dd,p,B,8000),c(267,dd,p,B,0),c(267,dd,p,8,10),'fchmodat',c(268,dd,p,0o600),'fchmodat2',c(452,dd,p,0o600,0),c(452,dd,p,0,0x40),
     'faccessat',c(269,dd,p,0),c(439,dd,p,0,0),c(439,dd,p,9,0),'fchownat',c(260,dd,p,-1,-1,0),c(260,dd,p,-1,-1,0x40),'futimesat',c(261,dd,p,0),c(261,dd,p,8),'utimensat',c(280,dd,p,0,0),c(280,dd,p,8,0),c(280,dd,p,0,0x40),
     'newfstatat',c(262,dd,p,B,0),c(262,dd,p,B,0x40),c(262,dd,p,8,0),'statx',c(332,dd,p,0,0x7ff,B),c(332,dd,p,0x6000,0x7ff,B),'execveat',c(322,dd,p,0,0,0x40),c(322,dd,p,0,0,0) if n not in ('4095',) else '',
     'inotify',c(254,ifd,p,0xfff),c(254,99,p,0xfff),c(254,fd,p,0xfff),c(254,ifd,p,0),
     'handle',c(303,dd,p,B,B+4096,0),'xattrat',c(465,dd,p,0,0,0),c(466,dd,p,0,b'user.q'),c(466,dd,p,0,b'user.'+b'x'*251),c(466,dd,p,0,b''),
     'renameat2',c(316,dd,p,AT,b'g',9) if n!='4095' else '')
  print(n,'plain','open',c(2,p,0),'stat',c(4,p,B),'lstat',c(6,p,B),'access',c(21,p,0),'truncate',c(76,p,0),c(76,p,-1),'chdir',c(80,p) if n in ('4096','5000','big','fault','null','comp','comp/x','edge','4095n') else '','rename',c(82,p,8) ,c(82,8,p),'mkdir',c(83,p,0o700),'rmdir',c(84,p),'link',c(86,p,8),c(86,8,p),'symlink',c(88,8,p),c(88,p,8),'readlink',c(89,p,B,9),'chmod',c(90,p,0o600),'chown',c(92,p,-1,-1),'lchown',c(94,p,-1,-1),'utime',c(132,p,0),c(132,p,8),'mknod',c(133,p,0o10600,0) if n!='4095' else '','statfs',c(137,p,B),c(137,p,8),'setx',c(188,p,b'user.q',B,1,0),c(188,p,b'user.'+b'x'*251,B,1,0),c(188,p,b'user.q',B,65537,0),c(188,p,b'user.q',8,1,0),c(188,p,b'user.q',B,1,8),c(188,p,8,B,1,0),'getx',c(191,p,b'user.q',B,9),c(191,p,b'user.q',8,9),'listx',c(194,p,B,100),c(194,p,B,0),'rmx',c(197,p,b'user.q'),'utimes',c(235,p,0),'execve',c(59,p,0,0) if n!='4095' else '','creat',c(85,p,0o600) if n!='4095' else '')
PY
cat >deep.py <<'PY'
import ctypes,errno,os,sys,shutil
l=ctypes.CDLL(None,use_errno=True)
os.chdir(sys.argv[1])
buf=ctypes.create_string_buffer(70000); B=ctypes.addressof(buf)
def c(*a):
    a=[ctypes.c_long(x) if isinstance(x,int) else x for x in a]
    r=l.syscall(*a)
    return r if r>=0 else errno.errorcode[ctypes.get_errno()]
top=os.open('.',os.O_RDONLY)
def report(n):
    print(n,'getcwd',c(79,B,70000),c(79,B,4096),c(79,B,10),'stat',c(4,b'.',B),c(4,b'f',B),c(4,b'..',B),'creat',c(3,c(257,-100,b'f',0o102,0o644)),c(3,c(257,-100,b'f',0)),'path',c(3,c(257,-100,b'f',0o10000000)),
     'mkdir',c(83,b'sub',0o755),c(83,b'sub',0o755),'rename',c(82,b'f',b'sub/g'),c(82,b'sub/g',b'f'),'link',c(86,b'f',b'h'),c(87,b'h'),'symlink',c(88,b'f',b's'),c(89,b's',B,100),c(3,c(2,b's',0)),'chmod',c(90,b'f',0o600),c(188,b'f',b'user.x',b'v',1,0),c(191,b'f',b'user.x',B,9),c(197,b's',b'user.x'),
     'trunc',c(76,b'f',3),'utime',c(132,b'f',0),'access',c(21,b'f',4),'cwdlink',c(89,b'/proc/self/cwd',B,70000),c(89,b'/proc/self/cwd',B,10),c(4,b'/proc/self/cwd/f',B),c(3,c(2,b'/proc/self/cwd/f',0)),
     'proc',[c(89,b'/proc/self/fd/%d'%fd,B,4096) for fd in [c(257,-100,b'f',0)] if isinstance(fd,int)],
     'o2',[c(3,c(437,-100,p,h,24)) for h in (bytes(16)+r.to_bytes(8,'little') for r in (0,8,16,4,2)) for p in (b'f',b'sub/../f',b's',b'../d')],
     'list',len(os.listdir('.')),'rm',c(87,b's'),c(84,b'sub'),c(87,b'f'),'handle',c(465,-100,b'.',0,B,100),'chdir',c(80,b'.'),c(80,b'..'))
for i in range(1,20):
    n='d'+'e'*199
    os.mkdir(n); os.chdir(n)
    if i in (1,17,18,19):
        os.mkdir('d'); os.chdir('d')
        report(i)
        if i!=29:
            pass
os.fchdir(top)
# long targets
for n in (1,255,256,4094,4095,4096):
    t=b'./'*(n//2)+b'x'*(n%2)
    print('symlink',n,c(88,t,b't%d'%n),c(89,b't%d'%n,B,70000),c(89,b't%d'%n,B,5),c(4,b't%d'%n,B),c(6,b't%d'%n,B),c(3,c(2,b't%d'%n,0o101,0o600)))
    t=b'y'*n
    print('symlink y',n,c(88,t,b'u%d'%n),c(89,b'u%d'%n,B,70000),c(4,b'u%d'%n,B),c(3,c(2,b'u%d'%n,0o101,0o600)),c(3,c(2,b'u%d/x'%n,0)))
for a in (4000,4090,4094,4095):
    os.symlink("./"*(a//2-1)+("v" if a%2 else ""),"z%d"%a)
    for p in (b'z%d/new',b'z%d/'+b'./'*20+b'new',b'./z%d/../'+os.path.basename(os.getcwd()).encode()+b'/f',b'z%d/z4000/z4000/f'):
        print('grow',a,p[:8],c(4,p%a,B),c(3,c(2,p%a,0)),c(83,p%a,0o700),c(84,p%a))
# names of attributes
open('f','w').close()
for n in (0,1,249,250,251,5000):
    k=b'user.'+b'n'*n
    print('xattr',n,c(188,b'f',k,b'v',1,0),c(191,b'f',k,B,10),c(197,b'f',k),c(190,os.open('f',0),k,b'v',1,0))
for n in (0,1,1000,4000,65536,65537,1<<31,1<<40):
    print('value',n,c(188,b'f',b'user.v',B,n,0),c(191,b'f',b'user.v',B,n),c(194,b'f',B,n))
PY
for what in names deep; do
	timeout 60 python3 $what.py bare >bare.out 2>bare.err
	is "$what: bare the calls were made" "$?:$(cat bare.err)" 0:
	run -v -f all.conf -- python3 $what.py sbox
	echo "$out" >in.out
	is "$what: brokered the calls were made" "$st" 0
	is "$what: each gives what it gives bare" \
	    "$(diff bare.out in.out | head -20)" ""
	like "$what: the broker was asked" "$err" \
	    'notified:.* (stat|newfstatat) [0-9]+'
	[ "$(wc -l <bare.out)" -gt 40 ]
	ok "$what: more than forty lines of results"
	rm -rf bare sbox
	mkdir bare sbox
done
