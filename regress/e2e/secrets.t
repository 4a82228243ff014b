#!/bin/sh
# A denied file stays denied by every spelling, and the log says why.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"

KEY=$HOME/.ssh/id_ed25519
secret=SECRET-$$-$(date +%N)
mkdir -m 700 "$HOME/.ssh"
echo "$secret" >"$KEY"
chmod 600 "$KEY"
rel=../.ssh/id_ed25519
ln -s "$KEY" outside-link
ln -s "$HOME/.ssh" dir-link
ln -s outside-link chain
ln -s ../.ssh/../.ssh/id_ed25519 dots-link
home=${HOME##*/}

# denied NAME COMMAND...: no byte of the secret, whether the kernel holds the
# rule or the broker, which writes a line with it.
denied() {
	d_name=$1
	shift
	rm -f "$T/log"
	for how in "" "-l $T/log"; do
		run $how -- "$@"
		case $out$err in
		*"$secret"*)	false ;;
		*)		[ "$st" -ne 0 ] ;;
		esac
		ok "$d_name is denied${how:+, watched}" "status $st" \
		    "$out" "$err"
	done
	like "$d_name is logged with its rule" "$(cat "$T/log")" \
	    '^privsep-sandbox: denied: pid [0-9]+ \([^ ]+\) [a-z0-9]+ [a-z, ]+ "'"$HOME"'/\.ssh[^"]*" by secrets:[0-9]+ deny [a-z, ]+ under "'"$HOME"'/\.ssh"; to allow: allow [a-z, ]+ "'"$HOME"'/\.ssh'
}

denied "the path itself" cat "$KEY"
denied "a relative path" cat "$rel"
denied "a path with dots" cat "$HOME/./work/../.ssh/./id_ed25519"
denied "a path with double slashes" cat "/$HOME//.ssh///id_ed25519"
denied "a path relative to the directory" \
    sh -c 'cd ../.ssh 2>/dev/null; cat id_ed25519 || cat ../.ssh/id_ed25519'
denied "a symbolic link made before" cat outside-link
denied "a symbolic link to the directory" cat dir-link/id_ed25519
denied "a chain of symbolic links" cat chain
denied "a symbolic link with dots" cat dots-link
denied "a symbolic link made inside" \
    sh -c "ln -s $KEY in-link; cat in-link"
denied "a hard link made inside" sh -c "ln $KEY hard; cat hard"
denied "a hard link through a symbolic link" \
    sh -c "ln -L outside-link hard; cat hard"
denied "/proc/self/root" cat "/proc/self/root$KEY"
denied "/proc/thread-self/root" cat "/proc/thread-self/root$KEY"
denied "/proc/PID/root" sh -c "read x </proc/\$\$/root$KEY && echo \$x"
denied "/proc/self/cwd" cat /proc/self/cwd/$rel
denied "/proc/PID/cwd" sh -c "read x </proc/\$\$/cwd/$rel && echo \$x"
for p in '$$/root' '$$/cwd/../../..' 1/root; do
	run -w -- sh -c "cat /proc/$p/$KEY"
	is "/proc/$p of another process is denied" "$st:$out" "1:"
	like "... and logged" "$err" 'denied: .* "/proc/[0-9]+/(root|cwd)"'
done
denied "/proc/self/fd of a directory" \
    sh -c "exec 3<..; cat /proc/self/fd/3/.ssh/id_ed25519"
denied "/dev/fd of a directory" \
    sh -c "exec 3<..; cat /dev/fd/3/.ssh/id_ed25519"
denied "/dev/fd of the secret's directory" \
    sh -c "exec 3<../.ssh; cat /dev/fd/3/id_ed25519"
denied "input redirection" sh -c "cat <$KEY"
run -- ls "$HOME/.ssh"
is "names can be seen" "$out" id_ed25519
run -w -r 'deny readdir under "$HOME/.ssh"' -- ls "$HOME/.ssh"
is "... unless a rule says no" "$st:$out" 2:
like "... which is logged" "$err" 'denied: .* readdir "'
denied "copying the directory" cp -r "$HOME/.ssh" copy
denied "moving it" mv "$KEY" moved
denied "moving the directory" mv "$HOME/.ssh" moved
denied "writing" sh -c "echo x >$KEY"
denied "appending" sh -c "echo x >>$KEY"
denied "removing" rm -f "$KEY"
denied "truncating" truncate -s 0 "$KEY"
denied "chmod" chmod 777 "$KEY"
denied "chmod of the directory" chmod 777 "$HOME/.ssh"
denied "touch" touch -d 2001-01-01 "$KEY"
denied "a new file beside it" touch "$HOME/.ssh/authorized_keys"
denied "execution" "$KEY"
if have setfattr; then
	denied "an extended attribute" setfattr -n user.x -v 1 "$KEY"
fi

# A name for another program, after it has asked for it as its own input.
run -r 'allow read "$HOME/.ssh/id_ed25519"' -- cat "$KEY"
is "what the line suggests allows it" "$out" "$secret"
run -r 'allow read "$HOME/.ssh/id_ed25519"' -- sh -c "echo x >$KEY"
is "... and nothing more" "$([ "$st" -ne 0 ] && cat "$KEY")" "$secret"
is "an open standard input is a descriptor, not a name" \
    "$(sb -- cat <"$KEY")" "$secret"

# ---- every way in C

cp "$HOME/bin/openers" "$WORK/openers"
for how in "" -w; do
	run $how -- ./openers "$KEY" "$WORK"
	is "openers ran to its end${how:+, watched}" "$st" 0
	bad=$(echo "$out" | grep LEAK)
	is "no system call leaks${how:+, watched}" "$bad" ""
done
# O_PATH is a place: stat(2) tells as much, and nothing is read through it
for m in "open O_RDONLY" "openat2 O_RDONLY" "openat2 O_PATH" \
    creat "openat from the parent" "openat from the root" \
    "openat2 BENEATH" "open O_WRONLY" "symlink" "truncate" "chmod" \
    "setxattr" "utimensat" "unlink" "rename" "link" \
    "rename of the directory"; do
	case $m in
	"openat2 BENEATH")	want='(EACCES|EBADF)' ;;
	"openat2 O_PATH")	want='(EACCES|ENOSYS)' ;;	# CAVEATS
	*)			want=EACCES ;;
	esac
	like "$m: EACCES" "$(echo "$out" | grep "^$m: ")" ": $want$"
done
for m in "path without an end" "path at address 1" "path at no address" \
    "path in the kernel" "path in unreadable memory"; do
	is "$m: EFAULT" "$(echo "$out" | grep "^$m: ")" "$m: EFAULT"
done
is "the secret is as it was" "$(cat "$KEY")" "$secret"
is "... its mode too" "$(stat -c %a "$KEY" "$HOME/.ssh" | tr '\n' ' ')" \
    "600 700 "
is "... its directory too" "$(ls -A "$HOME/.ssh")" "id_ed25519"

# The test's own check: bare, the same calls do leak.
if [ "$(id -u)" -ne 0 ]; then
	mkdir -p ctl/.ssh ctl/work
	echo ctl >ctl/.ssh/id
	n=$(./openers "$WORK/ctl/.ssh/id" "$WORK/ctl/work" | grep -c LEAK)
	[ "$n" -gt 40 ]
	ok "bare, the same calls leak" "only $n do"
else
	skip "bare, the same calls leak" "root could: mount, acct, swapon"
fi

# ---- other secrets of the default profile

for f in .aws/credentials .config/gcloud/credentials.db .kube/config .netrc \
    .docker/config.json .gnupg/secring.gpg .mozilla/firefox/x/cookies.sqlite \
    .config/chromium/Default/Cookies .git-credentials .npmrc .pgpass \
    .bash_history .password-store/x.gpg .config/gh/hosts.yml \
    .cargo/credentials.toml .vault-token pass.kdbx; do
	mkdir -p "$(dirname "$HOME/$f")"
	echo "$secret" >"$HOME/$f"
	run -- cat "$HOME/$f"
	[ "$st" -ne 0 ] && [ -z "$out" ]
	ok "~/$f is denied" "$out"
done
for f in /etc/shadow /etc/gshadow /etc/sudoers; do
	[ -e $f ] || continue
	run -- cat $f
	is "$f is denied" "$st:$out" "1:"
done
echo fine >"$HOME/.vimrc"
run -- cat "$HOME/.vimrc"
is "an ordinary file of the home directory can be read" "$out" fine
run -- sh -c 'echo x >>../.vimrc'
is "... and not be written" "$(cat "$HOME/.vimrc")" fine
run -- sh -c 'echo x >../.profile'
test ! -e "$HOME/.profile"
ok "no file can be made in the home directory"
(cd "$HOME" && sb -- sh -c 'echo x >new' 2>/dev/null)
test ! -e "$HOME/new"
ok "... even when that is the working directory"
run -- sh -c 'echo x >/tmp/e2e-evil.$$'
is "/tmp itself cannot be written" "$(ls /tmp/e2e-evil.* 2>/dev/null)" ""
