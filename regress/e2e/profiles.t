#!/bin/sh
# Each profile on programs that it is for, the same as bare; and what it must
# deny is denied.
PASSES=together
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"
LIMIT=120

secret=SECRET-$$-$(date +%N)
mkdir -m 700 "$HOME/.ssh"
echo "$secret" >"$HOME/.ssh/id"
echo "$secret" >"$HOME/.netrc"
mkdir -p "$HOME/.config/gh" "$HOME/.vim"
echo "$secret" >"$HOME/.config/gh/hosts.yml"
echo fine >"$HOME/.vim/vimrc"
far=$T/outside
mkdir "$far"
echo outside >"$far/file"
cat >tcp.py <<'PY'
import socket, sys
try:
    socket.create_connection(("127.0.0.1", 9), 1)
except ConnectionRefusedError:
    print("reached")
except OSError as e:
    print("denied")
PY

# psame PROFILES NAME COMMAND: bare and inside, the same output and status.
psame() {
	p_opts=$1
	p_name=$2
	shift 2
	timeout -k 5 "$LIMIT" "$@" >"$T/out.bare" 2>"$T/err.bare" </dev/null
	p_bare=$?
	sb $p_opts -- "$@" >"$T/out.in" 2>"$T/err.in" </dev/null
	p_in=$?
	grep -v -E '^privsep-sandbox: (allowed|denied): ' "$T/err.in" >"$T/err.cmd"
	[ $p_bare -eq 0 ] && [ $p_in -eq 0 ] &&
	    cmp -s "$T/out.bare" "$T/out.in" &&
	    cmp -s "$T/err.bare" "$T/err.cmd"
	ok "$p_opts: $p_name, as bare" "status: bare $p_bare, inside $p_in" \
	    "$(diff -a "$T/out.bare" "$T/out.in" | head -8)" \
	    "$(diff -a "$T/err.bare" "$T/err.in" | head -8)"
}

# no PROFILES NAME COMMAND: it is refused, for no other reason than a rule,
# and shows no secret.
no() {
	n_opts=$1
	n_name=$2
	shift 2
	run $n_opts -- "$@"
	case $out$err in
	*"$secret"*|*"outside"$nl*)	false ;;
	*"Permission denied"*|*"cross-device"*)	[ "$st" -ne 0 ] ;;
	*"No such file"*|*nonexistent*)	[ "$st" -ne 0 ] && [ "$n_opts" = "-p agent" ] ;;
	*)	false ;;
	esac
	ok "$n_opts: $n_name is denied" "status $st" "$out" "$err"
}
nl='
'

# yes PROFILES NAME COMMAND: it works.
yes() {
	y_opts=$1
	y_name=$2
	shift 2
	run $y_opts -- "$@"
	[ "$st" -eq 0 ]
	ok "$y_opts: $y_name" "status $st" "$out" "$err"
}

# enoent PROFILES NAME COMMAND: it fails as if the file were not there.
enoent() {
	e_name=$2
	no "$@"
	like "... as if it were not there" "$err" "No such file or directory"
}

# kernel PROFILES COMMAND: nothing but execve is notified.
kernel() {
	k_opts=$1
	shift
	run -v $k_opts -- "$@"
	is "$k_opts: the kernel alone holds it" \
	    "$st $(echo "$err" | sed -n 's/.*notified: //p' |
	    sed 's/^execve [0-9]* *//')" "0 "
}

# spellings PROFILES: the same secret by several names.
spellings() {
	for s in "$HOME/.ssh/id" ../.ssh/id "$HOME/./work/../.ssh//id" link \
	    dirlink/id /proc/self/root$HOME/.ssh/id /proc/self/cwd/../.ssh/id
	do
		no "$1" "cat $s" cat "$s"
	done
	no "$1" "a hard link" sh -c 'ln ../.ssh/id "$TMPDIR/x" &&
	    cat "$TMPDIR/x"'
	no "$1" "a directory descriptor" sh -c 'exec 3<..;
	    cat /proc/self/fd/3/.ssh/id'
	no "$1" "another secret" cat "$HOME/.config/gh/hosts.yml"
	no "$1" "a password file" cat "$HOME/.netrc"
	no "$1" "writing a secret" sh -c 'echo >>../.ssh/id'
	no "$1" "a new key" touch "$HOME/.ssh/authorized_keys"
	no "$1" "moving them" mv "$HOME/.ssh" "$HOME/.moved"
}

# outside PROFILES: nothing but the work and $TMPDIR can be changed.
outside() {
	no "$1" "a file in /tmp" touch "/tmp/e2e-evil.$$"
	no "$1" "a file in the home directory" touch "$HOME/new"
	no "$1" "a file above" touch "$T/new"
	no "$1" "changing a file" sh -c "echo x >>$far/file"
	no "$1" "removing a file" rm -f "$far/file"
	no "$1" "changing a mode" chmod 600 "$far/file"
	no "$1" "a file in /usr" touch "/usr/e2e-evil.$$"
	is "$1: ... and nothing has changed" "$(ls "$HOME/new" "$T/new" \
	    /tmp/e2e-evil.$$ /usr/e2e-evil.$$ 2>/dev/null; cat "$far/file"
	    stat -c %a "$far/file")" "outside${nl}644"
	yes "$1" "\$TMPDIR can be written and is private" sh -c \
	    'echo x >"$TMPDIR/x" && cat "$TMPDIR/x" && [ "$TMPDIR" != "$0" ]' \
	    "$TMPDIR"
}

network() {
	if have python3; then
		run $1 -- /usr/bin/python3 tcp.py
		is "$1: no network" "$out" denied
		run $1 -r 'allow net' -- /usr/bin/python3 tcp.py
		is "$1: ... until a rule allows it" "$out" reached
	else
		skip "$1: no network" "no python3"
	fi
}

ln -s "$HOME/.ssh/id" link
ln -s "$HOME/.ssh" dirlink
i=0
while [ $i -lt 200 ]; do echo "line $i"; i=$((i + 1)); done >text

# ---- names

run -p nosuch -- true
is "-p of an unknown name fails" "$st" 125
names=$err
for p in default strict build agent service audit; do
	like "... and names $p" "$names" "expected .*\<$p\>"
	run -p $p -n
	is "-p $p -n prints it" "$st:$err" 0:
	f=$SRC/monitor/profiles/$p.conf
	head -1 "$f" | grep -q '^# '
	ok "$p: says what it is for"
	[ "$(wc -l <"$f")" -le 60 ]
	ok "$p: is short" "$(wc -l "$f")"
	printf 'profile "%s"\n' $p >"$T/p.conf"
	run -f "$T/p.conf" -n
	is "profile \"$p\" in a file" "$st:$err" 0:
	[ $p = audit ] || yes "-f $T/p.conf" "... is a policy" true
done

# ---- strict

psame "-p strict" cat cat text
psame "-p strict" grep grep -c 'line .*7$' text
psame "-p strict" "sort | uniq | wc" sh -c 'sort -R text | sort -n | uniq | wc'
psame "-p strict" sed,awk sh -c "sed 's/line/x/' text |
    awk '{ s += \$2 } END { print s }'"
psame "-p strict" ls ls -l text
if [ -x /usr/bin/python3 ]; then
	psame "-p strict" "python3 -c" /usr/bin/python3 -c '
import json, hashlib, re, datetime, locale
t = open("text").read()
print(hashlib.sha256(t.encode()).hexdigest(), len(re.findall("7", t)))
print(json.dumps({"a": datetime.date(2001, 2, 3).isoformat()}))'
else
	skip "-p strict: python3 -c" "not installed"
fi
psame "-p strict" perl perl -MPOSIX -ne '$n += length; END { print "$n\n" }' text
kernel "-p strict" sh -c 'cat text | grep -c 7 >/dev/null; ls >/dev/null'
spellings "-p strict"
outside "-p strict"
network "-p strict"
no "-p strict" "a new file" touch new
no "-p strict" "changing a file of the working directory" sh -c 'echo >>text'
no "-p strict" "removing one" rm -f text
no "-p strict" "an ordinary file of the home directory" cat "$HOME/.vim/vimrc"
no "-p strict" "a list of the home directory" ls "$HOME"
no "-p strict" "/proc" cat /proc/version
no "-p strict" "/etc but what the loader needs" cat \
    $(ls -d /etc/fstab /etc/hostname /etc/profile 2>/dev/null | head -1)
no "-p strict" "/var" ls /var/lib
yes "-p strict" "/etc/passwd can be read" cat /etc/passwd
cp /bin/true tool
no "-p strict" "a program of the working directory" ./tool
no "-p strict" "a program put in \$TMPDIR" sh -c 'cp /bin/true "$TMPDIR/t" &&
    "$TMPDIR/t"'
run -p strict -r 'allow exec under "$PWD"' -- ./tool
is "-p strict: ... until a rule allows it" "$st" 0
run -p default -p strict -- sh -c 'echo >new'
is "-p default -p strict: is strict" "$st:$(ls new 2>/dev/null)" 2:
run -p strict -p default -- sh -c 'echo >new'
is "-p strict -p default: is the default" "$st:$(ls new)" 0:new
rm -f new tool
(cd "$HOME" && sb -p strict -- cat .ssh/id >"$T/o" 2>&1)
unlike "-p strict: not in the home directory either" "$(cat "$T/o")" SECRET

# ---- build

if have gcc && have make; then
	mkdir -p proj/lib
	i=0
	while [ $i -lt 6 ]; do
		printf '#include <stdio.h>\nint f%d(int x)\n{\n\treturn (x + %d);\n}\n' \
		    $i $i >proj/lib/f$i.c
		i=$((i + 1))
	done
	cat >proj/main.c <<'C'
#include <stdio.h>
int f0(int), f3(int), f5(int);
int main(void) { printf("%d\n", f0(f3(f5(1)))); return (0); }
C
	cat >proj/Makefile <<'MK'
OBJS = $(patsubst %.c,%.o,$(sort $(wildcard lib/*.c)))
prog: libf.a libg.so main.o
	cc -o $@ main.o -L. -lf
libf.a: $(OBJS)
	ar rcsD $@ $^
libg.so: $(OBJS)
	cc -shared -o $@ $^
%.o: %.c
	cc -O1 -fPIC -MMD -c -o $@ $<
install: prog
	install -D -m 755 prog dest/bin/prog
-include *.d lib/*.d
MK
	psame "-p build" "make of a C project with libraries" sh -c 'cp -r proj p1 &&
	    cd p1 && make && ./prog && make install && make && md5sum lib/*.o &&
	    cd .. && rm -rf p1'
	psame "-p build" "cc -c, ar, ranlib, strip" sh -c 'cc -c proj/lib/f1.c &&
	    ar rcsD x.a f1.o && ranlib -D x.a && ar t x.a && strip -g f1.o &&
	    md5sum f1.o && rm -f f1.o x.a'
else
	skip "-p build: make" "no gcc or make"
fi
if have go; then
	mkdir -p gop
	printf 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("go") }\n' \
	    >gop/main.go
	mkdir -p "$HOME/.cache/go-build" "$HOME/go/pkg"
	psame "-p build" "go build with the cache in ~/.cache/go-build" sh -c '
	    export GOFLAGS=-mod=mod GO111MODULE=off GOTELEMETRY=off
	    cd gop && go build -o g main.go && ./g && rm g'
else
	skip "-p build: go build" "not installed"
fi
if have npm && have node; then
	mkdir -p npmp "$HOME/.npm"
	printf '{"name":"x","version":"1.0.0","scripts":{"b":"node b.js >out.txt && cat out.txt"}}\n' \
	    >npmp/package.json
	echo 'console.log(require("./package.json").version)' >npmp/b.js
	psame "-p build" "npm run, npm pack" sh -c 'cd npmp &&
	    npm run -s b && npm pack -s --offline && rm -f x-1.0.0.tgz out.txt'
else
	skip "-p build: npm" "not installed"
fi
if have cargo && cargo --version >/dev/null 2>&1; then
	mkdir -p "$HOME/.cargo/registry"
	psame "-p build" "cargo build --offline" sh -c '
	    rm -rf crate && mkdir -p crate/src && cd crate &&
	    printf "[package]\nname = \"x\"\nversion = \"0.1.0\"\nedition = \"2018\"\n" >Cargo.toml &&
	    echo "fn main() { println!(\"crate\"); }" >src/main.rs &&
	    cargo build -q --offline && target/debug/x && cd .. && rm -rf crate'
else
	skip "-p build: cargo build" "not installed for this user"
fi
mkdir -p "$HOME/.ccache" "$HOME/.cache/mozilla" "$HOME/.cargo"
kernel "-p build" sh -c 'echo x >"$HOME/.ccache/x" && rm "$HOME/.ccache/x" &&
    mkdir d && echo 1 >d/f && mv d/f d/g && rm -r d'
spellings "-p build"
outside "-p build"
network "-p build"
yes "-p build" "a cache that exists can be written" \
    sh -c 'mkdir "$HOME/.ccache/d" && echo 1 >"$HOME/.ccache/d/x"'
no "-p build" "a cache that does not exist" mkdir "$HOME/.gradle"
no "-p build" "what is beside a cache" touch "$HOME/.cargo/config.toml"
no "-p build" "a secret beside a cache" touch "$HOME/.cargo/credentials"
no "-p build" "a browser's cache" touch "$HOME/.cache/mozilla/x"
no "-p build" "the directory of caches" touch "$HOME/.cache/x"
yes "-p build" "a configuration file can be read" cat "$HOME/.vim/vimrc"
rmdir "$HOME/.cargo" "$HOME/.cache/mozilla" 2>/dev/null

# ---- agent

if have git; then
	git config --global user.name a
	git config --global user.email a@b
	psame "-p agent" "git init, add, commit, status, log" sh -c '
	    export GIT_AUTHOR_DATE="2001-01-01 00:00:00 +0000"
	    export GIT_COMMITTER_DATE="$GIT_AUTHOR_DATE"
	    rm -rf repo && git init -q -b main repo && cd repo &&
	    cp ../text . && git add text && git commit -q -m one &&
	    git status && echo x >>text && git diff && git stash -q &&
	    git checkout -q -b topic && git log --format="%H %an" &&
	    git branch && cd .. && rm -rf repo'
	mkdir top
	(cd top && git init -q -b main . && cp ../text . && git add text &&
	    git commit -q -m one && echo '#!/bin/sh' >.git/hooks/pre-commit)
	(cd top && sb -p agent -- sh -c 'echo x >>text && git add text &&
	    git commit -q -m two && git checkout -q -b topic &&
	    git status --short && git log --oneline | wc -l') \
	    >"$T/o" 2>"$T/e"
	is "-p agent: git commit at the top of a project" "$(cat "$T/o")" 2
	for c in 'echo evil >>.git/hooks/pre-commit' \
	    'echo evil >.git/hooks/post-checkout' \
	    'git config core.hooksPath /tmp' 'mv .git x' 'rm .git/config' \
	    'mv .git/hooks x' 'echo evil >x && mv x .git/config' \
	    'ln -f text .git/config' 'chmod 777 .git/hooks/pre-commit'; do
		(cd top && sb -p agent -- sh -c "$c") >"$T/o" 2>&1
		[ $? -ne 0 ]
		ok "-p agent: $c is denied" "$(cat "$T/o")"
	done
	is "-p agent: ... and nothing has changed" "$(cd top &&
	    grep -r evil .git; git config core.hooksPath;
	    stat -c %a .git/hooks/pre-commit; ls -A | grep -v x)" \
	    "644$nl.git"
	rm -rf top
else
	skip "-p agent: git" "not installed"
fi
if [ -x /usr/bin/python3 ]; then
	psame "-p agent" "python3 that edits files" /usr/bin/python3 -c '
import os, pathlib, shutil, subprocess, tempfile
p = pathlib.Path("src/pkg"); p.mkdir(parents=True)
(p / "a.py").write_text("def f():\n    return 7\n")
s = (p / "a.py").read_text().replace("7", "8")
with tempfile.NamedTemporaryFile("w", dir=p, delete=False) as t: t.write(s)
os.replace(t.name, p / "a.py")
print(subprocess.run(["/usr/bin/python3", "-B", "-c",
    "import sys; sys.path.insert(0, \"src/pkg\"); import a; print(a.f())"],
    capture_output=True, text=True).stdout)
print(sorted(os.listdir(p)), os.path.exists(os.path.expanduser("~/nothing")))
shutil.rmtree("src")'
else
	skip "-p agent: python3" "not installed"
fi
if have node; then
	psame "-p agent" node node -e 'const fs = require("fs"),
	    cp = require("child_process"); fs.mkdirSync("n/m", { recursive: true });
	    fs.writeFileSync("n/m/x", "1"); fs.renameSync("n/m/x", "n/y");
	    console.log(fs.readdirSync("n"), cp.execSync("cat n/y").toString());
	    fs.rmSync("n", { recursive: true })'
else
	skip "-p agent: node" "not installed"
fi
psame "-p agent" "sed -i, patch, find, tar" sh -c 'cp text t && sed -i s/1/2/ t &&
    diff text t | wc -l; find . -name t; tar -cf - t | tar -tf -; rm t'
spellings "-p agent"
outside "-p agent"
network "-p agent"
enoent "-p agent" "a key" cat "$HOME/.ssh/id"
enoent "-p agent" "the list of keys" ls "$HOME/.ssh"
enoent "-p agent" "the list of the home directory" ls -a "$HOME"
enoent "-p agent" "a token" cat "$HOME/.config/gh/hosts.yml"
enoent "-p agent" "anything of the home directory" cat "$HOME/.vim/vimrc"
enoent "-p agent" "a file that is not there" cat "$HOME/.nothing"
enoent "-p agent" "a new file of the home directory" \
    sh -c 'exec cp text "$HOME/.profile"'
unlike "-p agent: no name is shown" "$(sb -p agent -- sh -c 'echo ../* ../.s*
    find .. -maxdepth 1' 2>/dev/null)" '\.(ssh|netrc|config)'
[ "$(id -u)" -ne 0 ] || enoent "-p agent" "/etc/shadow" cat /etc/shadow
yes "-p agent" "a program made here runs" sh -c 'cp /bin/true t && ./t; rm t'
mkdir -p "$HOME/.npm"
no "-p agent" "a cache" touch "$HOME/.npm/x"
mkdir -p "$HOME/.helper"
run -p agent -r 'allow read, write, create, delete under "$HOME/.helper"' -- \
    sh -c 'echo 1 >~/.helper/x && cat ~/.helper/x'
is "-p agent: its own state, by a rule" "$out" 1
mkdir "$HOME/.config/gh/w"
(cd "$HOME/.config/gh" && sb -p agent -- cat hosts.yml >"$T/o" 2>&1)
like "-p agent: a project among secrets opens none of them" "$(cat "$T/o")" \
    'No such file'

# ---- service

mkdir -p "$T/data" && cp text tcp.py "$T/data/" && cd "$T/data" || exit 1
if [ -x /usr/bin/python3 ]; then
	cat >"$T/data/d.py" <<'PY'
# A small HTTP server: GET reads from, PUT writes to the data directory.
import http.server, os, sys, threading, urllib.request
class H(http.server.SimpleHTTPRequestHandler):
    def do_PUT(self):
        n = int(self.headers["Content-Length"])
        with open("tmp.new", "wb") as f: f.write(self.rfile.read(n))
        os.rename("tmp.new", self.path[1:])
        self.send_response(201); self.end_headers()
    def log_message(self, *a):
        with open("access.log", "a") as f: f.write(a[0] % a[1:] + "\n")
s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), H)
threading.Thread(target=s.serve_forever, daemon=True).start()
u = "http://127.0.0.1:%d/" % s.server_port
o = urllib.request.build_opener(urllib.request.ProxyHandler({}))
for i in range(20):
    o.open(urllib.request.Request(u + "f%d" % i, b"x" * i, method="PUT"))
print(sum(len(o.open(u + "f%d" % i).read()) for i in range(20)))
s.shutdown()
PY
	timeout 60 /usr/bin/python3 d.py >"$T/o.bare" 2>"$T/e.bare"
	b=$?
	rm -f f? f?? access.log
	run -p service -r 'allow net' -- /usr/bin/python3 d.py
	is "-p service: an HTTP server with allow net, as bare" "$st:$out$err" \
	    "$b:$(cat "$T/o.bare" "$T/e.bare")"
	is "-p service: ... has written its data" \
	    "$(ls | grep -c '^f'):$(wc -l <access.log)" 20:40
	run -v -p service -r 'allow net' -- /usr/bin/python3 d.py
	unlike "-p service: ... and no file was brokered" "$err" \
	    'notified: .*(open|rename|unlink)'
	psame "-p service" "a database" /usr/bin/python3 -c '
import sqlite3, os
c = sqlite3.connect("db"); c.execute("pragma journal_mode=wal")
c.execute("create table t(a)")
c.executemany("insert into t values(?)", [(i,) for i in range(100)])
c.commit(); print(c.execute("select sum(a) from t").fetchone())
c.close(); os.unlink("db")'
else
	skip "-p service: a server" "no python3"
fi
kernel "-p service" sh -c 'echo 1 >x && mv x y && cat y && mkdir d && rmdir d &&
    rm y'
outside "-p service"
network "-p service"
no "-p service" "a key" cat "$HOME/.ssh/id"
no "-p service" "an ordinary file of the home directory" cat "$HOME/.vim/vimrc"
no "-p service" "a list of the home directory" ls "$HOME"
no "-p service" "a program in the data directory" sh -c 'cp /bin/true ./t && ./t'
no "-p service" "a program in \$TMPDIR" sh -c 'cp /bin/true "$TMPDIR/t" &&
    "$TMPDIR/t"'
no "-p service" "the terminal" sh -c 'exec </dev/tty'
no "-p service" "writing to the configuration" touch /etc/e2e-evil
[ "$(id -u)" -ne 0 ] || no "-p service" "/etc/shadow" cat /etc/shadow
yes "-p service" "the configuration can be read" cat /etc/passwd
(cd "$HOME" && sb -p service -- touch new) >"$T/o" 2>&1
test ! -e "$HOME/new"
ok "-p service: a home directory is no data directory"
(cd "$HOME" && sb -p service -r 'allow read, write, create, delete under "$PWD"' \
    -- touch new) >"$T/o" 2>&1
test -e "$HOME/new"
ok "-p service: ... unless it is named" "$(cat "$T/o")"
rm -f "$HOME/new" "$T/data/t"
cd "$WORK" || exit 1

# ---- audit

i=0
mkdir many
while [ $i -lt 300 ]; do echo $i >many/f$i; i=$((i + 1)); done
run -p audit -l "$T/log" -- cat many/*
is "-p audit: the default profile's decisions" \
    "$st:$(echo "$out" | wc -l)" 0:300
is "-p audit: ... a line for every open, however many" \
    "$(grep -c 'allowed: .* openat read "'"$WORK"'/many/f[0-9]*" by' \
    "$T/log"):$(grep -c 'more like these' "$T/log")" 300:0
like "-p audit: programs too" "$(cat "$T/log")" \
    'allowed: .* execve exec "/usr/bin/cat" by system:[0-9]+ allow log '
if have strace; then
	strace -f -e trace=openat -o "$T/st" cat many/f1 text >/dev/null
	rm -f "$T/log"
	sb -p audit -l "$T/log" -- cat many/f1 text >/dev/null
	is "-p audit: as many opens as strace sees bare" \
	    "$(grep -c ' openat ' "$T/log")" \
	    "$(grep openat "$T/st" | grep -c -v ENOENT)"
else
	skip "-p audit: as many opens as strace sees" "no strace"
fi
rm -f "$T/log"
run -p audit -l "$T/log" -- sh -c 'echo x >new && mv new new2 && mkdir d &&
    rmdir d && chmod 600 new2 && ln -s a b && rm b new2; cat ../.ssh/id
    cat /no/such; ls many >/dev/null'
for l in 'allowed: .* write, create "'"$WORK"'/new"' \
    'allowed: .* rename[a-z, ]* "'"$WORK"'/new' \
    'allowed: .* mkdir "'"$WORK"'/d"' 'allowed: .* rmdir "'"$WORK"'/d"' \
    'allowed: .* chmod "'"$WORK"'/new2"' \
    'allowed: .* symlink "'"$WORK"'/b"' 'allowed: .* delete "'"$WORK"'/b"' \
    'allowed: .* readdir "'"$WORK"'/many"' \
    'denied: .* read "'"$HOME"'/\.ssh/id" by secrets:'; do
	like "-p audit: a line with $l" "$(cat "$T/log")" "$l"
done
unlike "-p audit: what it denies is denied" "$out$err" SECRET
spellings "-p audit"
outside "-p audit"
rm -f "$T/log"
run -p strict -p audit -l "$T/log" -- sh -c 'cat text; touch new; cat ../.vim/vimrc'
like "-p strict -p audit: strict, and logged" "$(cat "$T/log")" \
    'denied: .* write, create "'"$WORK"'/new" by strict:'
is "... with what it allows" "$(echo "$out" | wc -l):$(grep -c \
    'allowed: .* "'"$WORK"'/text" by strict:' "$T/log"):$(ls new 2>&1 |
    grep -c '^new')" 200:1:0
run -p audit -p strict -- touch new
is "-p audit -p strict: the same" "$st:$(echo "$err" | grep -c 'denied: .*new" by strict:')" \
    1:1
psame "-p audit" "a pipeline" sh -c 'sort text | md5sum'

# ---- two home directories

pwhome=$(getent passwd "$(id -u)" | cut -d: -f6)
if [ "$(id -u)" -eq 0 ] && [ "$pwhome" != "$HOME" ]; then
	n=$(sb -p agent -n | grep -c "\"$pwhome\" errno ENOENT")
	is "-p agent: the home directory of passwd(5) is hidden too" "$n" 1
	sb -p agent -n | awk -v h="\"$pwhome\" errno" -v w="\"$WORK\"" '
	    index($0, "deny all under " h) { d = NR }
	    index($0, "allow") && index($0, w) { a = NR }
	    END { exit !(d && a > d) }'
	ok "... before what the working directory allows"
else
	skip "the home directory of passwd(5)" "the same, or none"
fi
