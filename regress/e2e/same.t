#!/bin/sh
# Real programs give the same output and status as run bare.
PASSES=together
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"
LIMIT=90

same "ls -lR /usr/share/doc" ls -lR /usr/share/doc
same "ls of missing and present files" ls -ld /usr /no/such
same "tar of a tree" sh -c 'tar -cf - -C /usr/include . | md5sum'
same "find | xargs cat | wc" sh -c \
    'find /usr/include /usr/lib/git-core -type f -print0 | xargs -0 cat | wc'
same "find with predicates" find /usr/share/perl -type f -newer /etc/passwd \
    -o -name '*.pm' -size +20k

# ---- Python: threads, subprocesses, asyncio, multiprocessing

cat >p.py <<'PY'
import asyncio, concurrent.futures, hashlib, multiprocessing, os, queue
import subprocess, sys, tempfile, threading, time
files = sorted(os.path.join(d, f) for d, _, fs in os.walk('/usr/include')
               for f in fs)[:400]
def digest(path):
    with open(path, 'rb') as f:
        return hashlib.sha256(f.read()).hexdigest()
want = [digest(f) for f in files]
with concurrent.futures.ThreadPoolExecutor(16) as ex:
    assert list(ex.map(digest, files)) == want
print('threads', len(want))
out = [subprocess.run(['sh', '-c', 'echo $0 | tr a-z A-Z', f'job{i}'],
       capture_output=True, text=True).stdout for i in range(30)]
print(''.join(out), end='')
async def main():
    async def one(i):
        p = await asyncio.create_subprocess_exec(
            sys.executable, '-S', '-c', f'print({i}*{i})',
            stdout=asyncio.subprocess.PIPE)
        return (await p.communicate())[0]
    return await asyncio.gather(*[one(i) for i in range(20)])
print(asyncio.run(main()))
with multiprocessing.Pool(4) as pool:
    assert pool.map(digest, files) == want
print('pool')
with tempfile.TemporaryDirectory() as d:
    p = os.path.join(d, 'x')
    with open(p, 'w') as f: f.write('hello')
    os.rename(p, p + 'y'); os.symlink('xy', os.path.join(d, 'l'))
    print(open(os.path.join(d, 'l')).read(), sorted(os.listdir(d)))
q = queue.Queue()
def opener():
    for i in range(200):
        fd = os.open('/etc/passwd', os.O_RDONLY); os.close(fd)
    q.put(1)
ts = [threading.Thread(target=opener) for _ in range(16)]
[t.start() for t in ts]; [t.join() for t in ts]
print(q.qsize())
try: open('/no/such')
except OSError as e: print(e)
PY
if have python3; then
	same "python3: threads, subprocesses, asyncio" python3 p.py
	same "children killed while they are executed" python3 -c '
import subprocess, sys
for i in range(300):
    p = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(9)"])
    p.kill()
    assert p.wait() == -9
print("all of them waited for")'
	same "python3 -m venv" sh -c 'rm -rf v; python3 -m venv \
	    --without-pip v && v/bin/python -c "import sys; print(sys.prefix)"'
else
	skip "python3" "not installed"
fi

# ---- compilers

if have gcc && have make; then
	mkdir -p proj
	i=0
	while [ $i -lt 24 ]; do
		printf '#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <pthread.h>\nint f%d(int x)\n{\n\tchar b[64];\n\tsnprintf(b, sizeof b, "%%d", x);\n\treturn (atoi(b) + %d + (int)strlen(b));\n}\n' $i $i >proj/f$i.c
		i=$((i + 1))
	done
	{ i=0; while [ $i -lt 24 ]; do echo "int f$i(int);"; i=$((i + 1)); done
	printf '#include <stdio.h>\nint main(void) { int s = 0;\n'
	i=0; while [ $i -lt 24 ]; do echo "s += f$i(s);"; i=$((i + 1)); done
	printf 'printf("%%d\\n", s); return (0); }\n'; } >proj/main.c
	cat >proj/Makefile <<'MK'
OBJS = $(patsubst %.c,%.o,$(sort $(wildcard *.c)))
prog: libf.a main.o
	gcc -o $@ main.o -L. -lf
libf.a: $(filter-out main.o,$(OBJS))
	ar rcsD $@ $^
%.o: %.c
	gcc -O1 -g -MMD -c -o $@ $<
-include *.d
MK
	same "make -j2 of a C project, then run it" sh -c 'cp -r proj p1 &&
	    cd p1 && make -j2 -O >log 2>&1; st=$?; sort log; ./prog; md5sum *.o;
	    cd .. && rm -rf p1; exit $st'
	same "a compiler's error" sh -c 'echo "int main(void) { x }" >e.c
	    gcc -c e.c'
	same "gcc -pipe -save-temps" sh -c 'cd proj && gcc -save-temps -c f1.c \
	    -o t.o && ls f1.* && rm -f t.o f1.i f1.s'
else
	skip "gcc and make" "not installed"
fi

# ---- git

if have git; then
	same "git init, commit, clone, status, log" sh -c '
	    export GIT_AUTHOR_DATE="2001-01-01 00:00:00 +0000"
	    export GIT_COMMITTER_DATE="$GIT_AUTHOR_DATE"
	    export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b
	    export GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
	    rm -rf g1 g2; git init -q -b main g1 && cd g1 &&
	    cp -r /usr/include/linux . && git add . && git commit -q -m one &&
	    for i in 1 2 3; do echo $i >f$i; git add f$i; git commit -q -m $i
	    done; cd .. && git clone -q g1 g2 && cd g2 && git status &&
	    git log --oneline && echo x >>f1 && git diff && git gc -q &&
	    git fsck && git checkout -q -b topic HEAD~1 && git branch -a &&
	    git rebase -q main && git log --format=%H; cd .. && rm -rf g1 g2'
else
	skip "git" "not installed"
fi

# ---- interpreters and threaded programs

if have node; then
	same "node -e" node -e 'const fs = require("fs"),
	    cp = require("child_process");
	    Promise.all(fs.readdirSync("/usr/include").slice(0, 50).map(f =>
	        fs.promises.stat("/usr/include/" + f).then(s => s.size))).then(
	        a => { console.log(a.reduce((x, y) => x + y, 0));
	        console.log(cp.execSync("echo child").toString());
	        try { fs.readFileSync("/no/such") } catch (e) {
	            console.log(e.code) } })'
else
	skip "node -e" "not installed"
fi
same "perl" perl -MFile::Find -MPOSIX -MIO::Select -e '
    find(sub { $n += -s _ if -f }, "/usr/share/perl"); print "$n\n";
    for (1..20) { my $p = open(my $h, "-|", "echo", $_); print <$h> }
    print `date -u -d \@0`; print POSIX::uname() ? "ok\n" : ""; exit 7'
if have go; then
	mkdir -p go
	cat >go/main.go <<'GO'
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
)

func main() {
	files, _ := filepath.Glob("/usr/include/linux/*.h")
	var wg sync.WaitGroup
	var mu sync.Mutex
	total := 0
	for _, f := range files {
		wg.Add(1)
		go func(f string) {
			defer wg.Done()
			b, err := os.ReadFile(f)
			if err != nil {
				fmt.Println(err)
			}
			mu.Lock()
			total += len(b)
			mu.Unlock()
		}(f)
	}
	wg.Wait()
	fmt.Println(total)
	for i := 0; i < 10; i++ {
		out, err := exec.Command("echo", "go").Output()
		fmt.Print(string(out), err, "\n")
	}
	_, err := os.Open("/no/such")
	fmt.Println(err)
}
GO
	same "go build, then a program with many goroutines" sh -c '
	    export GOCACHE=$PWD/gocache GOFLAGS=-mod=mod GO111MODULE=off
	    export GOPATH=$PWD/gopath GOTELEMETRY=off
	    cd go && go build -o ../gprog main.go && cd .. && ./gprog'
	rm -rf gocache
else
	skip "go build" "not installed"
fi
if have java; then
	cat >J.java <<'JAVA'
import java.nio.file.*;
import java.util.stream.*;
public class J {
    public static void main(String[] a) throws Exception {
        long n;
        try (Stream<Path> s = Files.walk(Paths.get("/usr/include/linux"))) {
            n = s.parallel().filter(Files::isRegularFile).mapToLong(p -> {
                try { return Files.readAllBytes(p).length; }
                catch (Exception e) { return 1L << 40; } }).sum();
        }
        System.out.println(n);
        Thread[] t = new Thread[32];
        for (int i = 0; i < t.length; i++) {
            t[i] = new Thread(() -> { try {
                Files.readAllBytes(Paths.get("/etc/passwd")); }
                catch (Exception e) { System.out.println(e); } });
            t[i].start();
        }
        for (Thread x : t) x.join();
        System.out.println(new String(new ProcessBuilder("echo", "hi")
            .start().getInputStream().readAllBytes()));
        System.exit(3);
    }
}
JAVA
	same "java: a single file, parallel streams, threads" java J.java
else
	skip "java" "not installed"
fi

# ---- many processes

n=300
[ "${E2E_LONG:-}" = yes ] && n=1000
same "$n pipelines" sh -c 'i=0; while [ $i -lt '$n' ]; do
    sh -c "echo $i | cat | tr 0-9 a-j"; i=$((i + 1)); done'
same "one long pipeline" sh -c "seq 100000$(i=0
    while [ $i -lt 40 ]; do printf ' | cat'; i=$((i + 1)); done) | md5sum"
cat >many.sh <<'SH'
i=0
while [ $i -lt 64 ]; do
	( for f in /usr/include/linux/[a-f]*.h; do
		read -r l <$f
	done; echo $i >out.$i ) &
	i=$((i + 1))
done
wait
cat out.* | sort -n | md5sum
rm -f out.*
SH
same "64 processes opening files at once" sh many.sh
same "fork and wait in a loop" sh -c 'i=0; while [ $i -lt 500 ]; do
    (exit $((i % 7))) & wait $!; s=$s$?; i=$((i + 1)); done; echo $s'
same "dd, sort, split, comm, sed, awk" sh -c 'seq 20000 | sort -R \
    --random-source=/etc/passwd | split -l 1000 - part. && sort -n part.* |
    awk "{ s += \$1 } END { print s }" && cat part.aa | sed -n 1,5p &&
    dd if=part.aa bs=1k count=1 status=none | md5sum; rm -f part.*'
same "cp -a, chmod, touch, ln, mv, rm in the working directory" sh -c '
    cp -a /usr/include/rpc r 2>/dev/null || cp -a /usr/include/scsi r
    chmod -R u+w,go-rwx r; touch -d 2001-02-03T04:05:06 r/t; ln r/t r/hard
    ln -s t r/soft; mv r/t r/moved; mkdir -m 711 r/d; mkfifo r/fifo
    find r -printf "%P %m %n %y %l\n" | sort; stat -c "%y %h" r/hard
    rm -r r; ls r'
same "errors of file calls" sh -c 'cat .; : >.; mkdir work/x; mkdir .; rmdir .
    ln -s loop loop; cat loop; cat loop/x; cat J.java/x; cat p.py/; mv . x
    cat "$(head -c 300 /dev/zero | tr "\0" a)"; ln . x; rm loop; cat ""
    mkdir -p a/b && rmdir a; mv a a/b/c; rm -r a; touch no/such; exec 2>&1; cd no'
