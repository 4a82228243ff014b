#!/bin/sh
# The tool for manifests: what it lists, signs and finds to differ, what it
# never does, and that signify(1) and it understand each other.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"

# tool ARGS: privsep-sandbox -M with its results in $out, $err and $st.
tool() {
	timeout -k 5 "$LIMIT" "$PRIVSEP" -M "$@" >"$T/out" 2>"$T/err"
	st=$?
	out=$(cat "$T/out")
	err=$(cat "$T/err")
}
names() { sed "s, [a-z0-9]* [0-9a-f]*\$,,; s,^$WORK/,," "${1:-$T/out}"; }
lib=$(readlink -f /lib/x86_64-linux-gnu/libc.so.6 || echo /lib/libc.so.6)
signify=$(command -v signify-openbsd || command -v signify)

# ---- a tree

mkdir -p tree/sub tree/empty outside
cp /bin/true tree/b
cp /bin/true 'tree/a b'
cp "$lib" tree/sub/libc.so && chmod 644 tree/sub/libc.so
printf '#!/bin/sh\nexit 0\n' >tree/sub/script && chmod 644 tree/sub/script
echo text >tree/plain && echo text >tree/sub/x && chmod 755 tree/sub/x
chmod 644 tree/plain
cp /bin/true outside/o
ln -s "$WORK/outside" tree/link && ln -s ../outside/o tree/olink
ln -s . tree/sub/loop && mkfifo tree/fifo && chmod 755 tree/fifo
: >tree/none && chmod 644 tree/none

tool generate tree
is "a tree: what has an x bit, ELF or #!, sorted; no link is followed" \
    "$st:$(names)" "0:tree/a b
tree/b
tree/sub/libc.so
tree/sub/script
tree/sub/x"
is "... digests are those of b2sum" \
    "$(sed -n 's/.*tree.b blake2b //p' "$T/out" | tail -1)" \
    "$(b2sum <tree/b | cut -c1-128)"
cp "$T/out" first
tool generate tree tree/sub ./tree/../tree/b
is "... the same again, and once, however often it is named" \
    "$(cmp first "$T/out" && echo same)" same
tool generate -a sha256 -o m tree
is "to a file" "$st:$out:$(names m | wc -l)" "0::5"
is "... with another algorithm" \
    "$(sed -n 's,.*tree/b sha256 ,,p' m)" "$(sha256sum <tree/b | cut -c1-64)"
is "... and nothing else is made" "$(ls -A | tr '\n' ' ')" \
    "first m outside tree "
echo old >m && ln m m.other && chmod 600 m
tool generate -o m tree
is "replaced as a whole: who has the old file keeps it" \
    "$(cat m.other):$(names m | wc -l)" "old:5"
rm m.other
ln -sf outside/target m.link && tool generate -o m.link tree
is "a link in its place is replaced, not followed" \
    "$st:$(ls outside):$(test -L m.link || echo file)" "0:o:file"
rm m.link
tool generate tree/plain tree/olink
is "what is named is listed, by its own path" "$st:$(names)" "0:outside/o
tree/plain"

nl=$(printf 'tree/new\nline')
cp /bin/true "$nl"
cp m before
tool generate -o m tree
is "a newline in a name: an error" "$st:$(cmp m before && echo kept)" 125:kept
like "... that says which" "$err" 'tree/new.nline: a control character'
rm -f "$nl"
tool generate "$nl"
is "a file that is not there" "$st" 125
tool generate -a md5 tree
is "an algorithm that is not known" "$st" 125
tool generate tree/fifo
is "a FIFO is not waited for" "$st" 125
tool generate -o nowhere/m tree
is "no directory to write to" "$st" 125
if [ "$(id -u)" -ne 0 ]; then
	chmod 111 tree/b && chmod 0 tree/sub
	tool generate tree
	is "what cannot be read is left out, aloud" \
	    "$st:$(names):$(echo "$err" | grep -c 'left out: ')" \
	    "0:tree/a b:2"
	chmod 755 tree/b tree/sub
else
	skip "what cannot be read is left out" "root reads everything"
fi
tool generate -o m tree

# ---- checking

tool verify m
is "nothing has changed" "$st:$out$err" "0:"
tool verify m tree
is "... and all is listed" "$st:$out$err" "0:"
cp tree/b b.saved
echo x >>tree/b && rm tree/sub/x && cp /bin/true tree/new
tool verify m tree
is "what differs, is missing, is not listed" "$st:$(echo "$out" |
    sed "s,$WORK/,,g; s/: blake2b.*//")" \
    "1:differs: tree/b
missing: tree/sub/x
not listed: tree/new"
like "... expected and found" "$out" \
    "blake2b expected $(b2sum <b.saved | cut -c1-128), found $(b2sum <tree/b | cut -c1-128)$"
tool verify m
is "... without the tree, what is not listed is not looked for" \
    "$(echo "$out" | wc -l)" 2
tool generate tree/b && cat "$T/out" >>m
tool verify m
is "of two digests either will do" "$(echo "$out" | sed "s,$WORK/,,g")" \
    "missing: tree/sub/x"
cat b.saved >tree/b
tool verify m
is "... the other" "$(echo "$out" | wc -l)" 1
echo "tree/b sha256 00" >bad && tool verify bad
is "not a manifest" "$st" 1
tool verify no.such.file
is "no manifest" "$st" 125
if have python3; then
	python3 -c 'import sys
for i in range(70000):
	print("/x/%d sha256 %064d" % (i, i))' >many
	tool verify many
	is "more than can be kept" "$st" 1
fi

# ---- keys and signatures

rm -f tree/new m && echo text >tree/sub/x && chmod 755 tree/sub/x
tool generate -o m tree
tool key -c 'of a test' -p k.pub -s k.sec
is "a pair of keys" "$st:$(stat -c %a k.sec):$(head -1 k.pub)" \
    "0:600:untrusted comment: of a test public key"
cp k.sec k.save
tool key -p k2.pub -s k.sec
is "a key is never overwritten" "$st:$(cmp k.sec k.save && echo same):$(ls k2.pub 2>/dev/null)" "125:same:"
tool sign -s k.sec m
is "signed" "$st:$(head -1 m.sig)" "0:untrusted comment: verify with k.pub"
tool verify -p k.pub m tree
is "... and verified" "$st:$out$err" "0:"
run -r "verify from \"$WORK/m\" key \"$WORK/k.pub\"" -- ./tree/b
is "... and taken by a policy" "$st:$err" "0:"
run -r "verify from \"$WORK/m\" key \"$WORK/k.pub\"" -r 'set verify all' -- ./tree/x 2>/dev/null
is "... that then runs nothing else" "$([ "$st" -ne 0 ] && echo refused)" refused
cp m m.saved
sed -i '1d' m
tool verify -p k.pub m
is "a line less: the signature is not of it" "$st" 1
like "... says so" "$err" "the signature 'm.sig' is not of 'm'"
run -r "verify from \"$WORK/m\" key \"$WORK/k.pub\"" -- ./tree/b
is "... nor does a policy take it" "$st" 125
cp m.saved m
tool key -p other.pub -s other.sec
tool verify -p other.pub m
is "another key" "$st" 1
for i in 2 30 60 95; do
	b=$(sed -n 2p m.sig | base64 -d | od -An -v -tu1 -w1 | awk -v i=$i \
	    'NR == i { $1 = ($1 + 1) % 256 } { printf "\\%03o", $1 }')
	cp m.sig m.sig.saved
	{ head -1 m.sig.saved; printf "$b" 2>/dev/null | base64 -w0; echo; } >m.sig
done 2>/dev/null
tool verify -p k.pub m
is "a signature with a bit turned" "$st" 1
tool sign -s k.sec m
tool verify -p k.pub m
is "... signed again" "$st" 0
chmod 666 k.sec && tool sign -s k.sec m
is "a secret key that others can write" "$st" 125
chmod 600 k.sec
echo junk >junk && tool sign -s k.sec junk
is "what is no manifest is not signed" "$st:$(ls junk.sig 2>/dev/null)" 125:
sed '2s/..../AbCd/25' k.sec >broken.sec && chmod 600 broken.sec
tool sign -s broken.sec m
is "a damaged key signs nothing" "$st:$(cmp m.saved m && echo same)" 125:same
tool sign -s k.pub m
is "nor does a public one" "$st" 125
tool
is "no command" "$st" 125
tool steal tree
is "an unknown one" "$st" 125

# ---- what it may not do, whatever happens to it

if have strace && strace -o /dev/null true 2>/dev/null; then
	strace -f -e trace=openat,landlock_restrict_self,socket,execve \
	    -o "$T/trace" "$PRIVSEP" -M generate -o m tree
	sed '1,/landlock_restrict_self/d' "$T/trace" >"$T/after"
	is "after confinement only the tree is opened, and the output" \
	    "$(grep -c . "$T/after" | grep -v '^0$' >/dev/null && grep -v \
	    -E 'openat\([0-9]+, |/proc/self/fd/|exited|SIG' "$T/after")" ""
else
	skip "what is opened after confinement" "no strace"
fi

# ---- signify(1)

if [ -n "$signify" ]; then
	"$signify" -V -q -p k.pub -m m
	is "signify verifies what was signed here" "$?" 0
	cp m n && rm -f n.sig
	"$signify" -S -s k.sec -m n
	is "signify signs with a key from here" "$?" 0
	tool verify -p k.pub n
	is "... which verifies" "$st:$err" "0:"
	"$signify" -G -n -p s.pub -s s.sec
	"$signify" -S -s s.sec -m m
	tool verify -p s.pub m
	is "a signature by signify's own key" "$st:$err" "0:"
	tool sign -s s.sec n
	is "signify's key signs here" "$st:$err" "0:"
	"$signify" -V -q -p s.pub -m n
	is "... and signify verifies that" "$?" 0
	is "... byte for byte what signify writes" \
	    "$("$signify" -S -s s.sec -m n -x n.theirs && cmp n.sig n.theirs &&
	    echo same)" same
	echo x >>n
	"$signify" -V -q -p s.pub -m n 2>/dev/null
	is "... but not of another file" "$([ $? -ne 0 ] && echo no)" no
	cat >pass.py <<'PY'
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
said = b""
for prompt in (b"passphrase: ", b"passphrase: "):
    while prompt not in said:
        said += os.read(fd, 1000)
    said = b""
    os.write(fd, b"secret\n")
try:
    while os.read(fd, 1000):
        pass
except OSError:
    pass
os.waitpid(pid, 0)
PY
	if have python3; then
		timeout 20 python3 pass.py "$signify" -G -p e.pub -s e.sec
		tool sign -s e.sec m
		like "a key with a passphrase: an error that says what to do" \
		    "$st:$err" "^125:.*has a passphrase.*signify -S"
	else
		skip "a key with a passphrase" "no python3"
	fi
else
	skip "signify" "not installed (signify-openbsd)"
fi

# ---- what a learned run executed

cat >job <<'SH'
#!/bin/sh
./prog 1
/usr/bin/env true
cp other prog2 && ./prog2 && cp /bin/true prog2 && ./prog2
SH
chmod 755 job && cp /bin/true prog && cp /bin/false other
cp /bin/echo other && cp /bin/true unused
run -L l.conf -m l.manifest -- ./job
is "a learned run writes a manifest" "$st" 0 "$err"
ld=$(readlink -f /lib64/ld-linux-x86-64.so.2)
is "... of the programs, the script's interpreter and the ELF interpreter" \
    "$(names l.manifest | sort -u | tr '\n' ' ')" \
    "$(for f in "$ld" "$(readlink -f /bin/sh)" "$(readlink -f /bin/cp)" \
    "$(readlink -f /usr/bin/env)" "$(readlink -f /bin/true)"; do echo "$f"; done |
    { cat; echo prog; echo prog2; } | sort -u | tr '\n' ' ')"
is "... each content that was executed under a name" \
    "$(grep -c "^$WORK/prog2 blake2b " l.manifest)" 2
is "... as it was when it was mapped" "$(sed -n 's,.*/prog blake2b ,,p' \
    l.manifest)" "$(b2sum <prog | cut -c1-128)"
like "... and the policy says how to use it" "$(cat l.conf)" \
    "^# verify from \"$WORK/l.manifest\"$"
tool verify l.manifest
is "... that the tool takes" "$st:$out" "0:"
run -r "verify from \"$WORK/l.manifest\"" -r 'set verify all' \
    -r "deny write under \"$ld\"" -- ./job
is "... and the same run again under it" "$st" 0 "$err"
run -r "verify from \"$WORK/l.manifest\"" -r 'set verify all' -- ./unused
is "... but nothing else" "$st" 126
run -L l.conf2 -m l.manifest -- true
is "a manifest is not overwritten" "$st:$(ls l.conf2 2>/dev/null)" "125:"
run -m l.manifest2 -- true
is "-m is for -L" "$st:$(ls l.manifest2 2>/dev/null)" "125:"
run -L l3.conf -m l3.manifest -- sh -c 'echo x >l3.manifest'
is "the command cannot write it" "$(grep -c blake2b l3.manifest)" 2
run -L l4.conf -m l4.manifest -f no.such.policy -- true
is "what could not start leaves none" "$(ls l4.* 2>/dev/null)" ""
