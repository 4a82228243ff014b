#!/bin/sh
# A kernel without a feature, or another sandbox around that forbids it: what
# is run is held to all it says, or nothing is run, the status is 125 and a
# line names the feature.
PASSES=together
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"

# Feature of without.c; where the program works without it: always, never,
# for an ordinary user (root has to give something up), or if it is EPERM (root
# is nobody special then); and what names it.
cat >"$T/table" <<'EOF'
seccomp		never	no seccomp user notification
filter		never	seccomp
listener	never	seccomp: NEW_LISTENER
killable	never	seccomp: NEW_LISTENER
sizes		never	SECCOMP_GET_NOTIF_SIZES
recv		never	SECCOMP_IOCTL_NOTIF_RECV
addfd		never	SECCOMP_IOCTL_NOTIF_ADDFD
wakeup		always	-
landlock	never	no Landlock
landlock-rule	never	landlock_add_rule
landlock-self	never	landlock_restrict_self
pidfd_open	never	pidfd_open
pidfd-thread	always	-
pidfd		always	-
pidfd_getfd	never	pidfd_getfd
process_vm_readv never	process_vm_readv
ptrace		never	PTRACE_SEIZE
seize		never	PTRACE_SEIZE
unshare		always	-
namespaces	always	-
clone3		always	-
memfd		always	-
openat2		never	openat2
close_range	never	close_range
execveat	never	execveat
no-new-privs	never	PR_SET_NO_NEW_PRIVS
pdeathsig	never	PR_SET_PDEATHSIG
subreaper	never	PR_SET_CHILD_SUBREAPER
dumpable	never	PR_SET_DUMPABLE
name		always	-
ambient		user	PR_CAP_AMBIENT
bounding	EPERM	PR_CAPBSET_DROP
capset		user	capset
setuid		EPERM	become: user
setgroups	EPERM	become: user
chroot		EPERM	chroot
signalfd	never	signalfd
eventfd		never	eventfd
epoll		always	-
timer		never	timer_create
waitid		never	waitid
affinity	always	-
batch		always	-
setown		never	F_SETOWN
prlimit		never	RLIMIT_NOFILE
faccessat2	never	faccessat2
fchmodat2	always	-
statx		always	-
rseq		always	-
EOF
is "every feature that can be refused has its row" \
    "$("$HOME/bin/without" | sort)" "$(cut -f 1 "$T/table" | cut -d ' ' -f 1 | sort)"

mkdir "$HOME/.ssh"
echo SECRET >a.secret
echo SECRET >"$HOME/.ssh/id"
printf '#!/bin/sh\necho LEAK\n' >x.evil
cp /bin/true t.evil
chmod +x x.evil t.evil
cat >try.sh <<EOF
echo ran
cat a.secret "$HOME/.ssh/id"
echo x >"$HOME/made" && echo LEAK
ln "$HOME/.ssh/id" stolen && cat stolen
mv a.secret public && cat public
./t.evil && echo LEAK
./x.evil
echo data >f && cat f
EOF

# without a thing refused, the same is what is wanted below
try() {
	rm -f f
	timeout -k 5 "$LIMIT" "$@" "$PRIVSEP" \
	    -r "deny read, rename glob \"$WORK/*.secret\"" \
	    -r "deny exec glob \"$WORK/*.evil\"" -- sh try.sh \
	    >"$T/out" 2>"$T/err" </dev/null
	st=$?
	out=$(cat "$T/out")
}
try
is "nothing refused: it runs, and what is denied is denied" "$st:$out" \
    "0:ran
data"
ls -l a.secret "$HOME/.ssh/id" >"$T/before"

works() {	# WHERE ERROR
	case $1 in
	always)	return 0 ;;
	never)	return 1 ;;
	user)	[ "$(id -u)" -ne 0 ] ;;
	EPERM)	[ "$(id -u)" -ne 0 ] || [ "$2" = EPERM ] ;;
	esac
}

# The sanitizers' own runtime ends without it before we can say a word.
theirs() {	# FEATURE
	case $1 in
	ptrace | seize | prlimit)
		grep -q -a __asan_init "$PRIVSEP" ;;
	*)
		false ;;
	esac
}

while read -r feature where names; do
	for error in ENOSYS EPERM; do
		if theirs "$feature"; then
			skip "without $feature ($error)" "sanitizers"
			continue
		fi
		try "$HOME/bin/without" "$feature:$error"
		if works "$where" "$error"; then
			is "without $feature ($error): it works, no less denied" \
			    "$st:$out" "0:ran
data"
		else
			[ "$st" = 125 ] && [ -z "$out" ] &&
			    grep -q -e "$names" "$T/err"
			ok "without $feature ($error): refused, by name" \
			    "status $st" "$out" "$(cat "$T/err")" "want: $names"
		fi
	done
done <"$T/table"
is "no secret has moved" "$(ls -l a.secret "$HOME/.ssh/id")" \
    "$(cat "$T/before")"

# ---- other policies

# What each of them says is tried, and what succeeds is told: once with nothing
# refused, where that is what is wanted, and without each feature: then the same
# succeeds, or nothing is run.
mkdir hid
echo x >hid/f
echo text >masked
printf '#!/bin/sh\nexit 0\n' >x.good
cp x.good x.bad
chmod +x x.good x.bad
rm x.evil
cat >tries.sh <<EOF
t() { n=\$1; shift; if "\$@" >/dev/null 2>&1; then echo "\$n"; fi; }
t ran true
t secret cat a.secret
t key cat "$HOME/.ssh/id"
t home sh -c 'echo x >"$HOME/made"'
t link ln "$HOME/.ssh/id" stolen
t evil ./t.evil
t exec ./x.good
t tampered ./x.bad
t write sh -c 'echo x >f'
t chmod chmod 600 f
t look stat hid/f
t list sh -c 'ls | grep -x hid'
t text grep text masked
for p in 1 2; do
	case \$(bash -c "exec 3<>/dev/tcp/127.0.0.1/\$p" 2>&1) in
	*refused*) echo "port\$p" ;;
	esac
done
EOF
digest() { sha256sum "$1" | cut -d ' ' -f 1; }
cat >verify.conf <<EOF
profile "default"
verify exec "$WORK/x.good" sha256 $(digest x.good)
verify exec "$WORK/x.bad" sha256 $(digest masked)
EOF
cat >net.conf <<EOF
profile "default"
allow net connect tcp to 127.0.0.1 port 1
EOF
cat >hide.conf <<EOF
profile "default"
allow net
hide under "$WORK/hid"
mask "$WORK/masked"
EOF
cat >broker.conf <<EOF
allow all under "/"
deny net
deny all glob { "$WORK/*.secret" "$WORK/*.evil" "$HOME/.ssh/*" "$HOME/made" }
EOF
cat >spaces.conf <<EOF
profile "default"
deny all under "$WORK/hid"
set hide mounts
set network none
EOF

# NAME|ARGUMENTS|WHAT SUCCEEDS|HOW IT DIFFERS FROM THE TABLE: -FEATURE, +FEATURE
cat >"$T/policies" <<'EOF'
strict|-p strict|ran secret look list text|
broker|-w -f broker.conf|ran exec tampered write chmod look list text|
verify|-f verify.conf|ran secret evil exec write chmod look list text|
net|-f net.conf|ran secret evil exec tampered write chmod look list text port1|
hide|-f hide.conf|ran secret evil exec tampered write chmod port1 port2|
spaces|-f spaces.conf|ran secret evil exec tampered write chmod list text|-unshare -ambient -bounding -capset
EOF
# the other profiles, where there is time
[ "${E2E_LONG:-}" != yes ] || cat >>"$T/policies" <<'EOF'
build|-p build|ran secret evil exec tampered write chmod look list text|
agent|-p agent|ran secret evil exec tampered write chmod look list text|
service|-p service|ran secret write chmod look list text|
audit|-p audit|ran secret evil exec tampered write chmod look list text|
EOF
rm -f f
tried() {	# COMMAND AND ARGUMENTS: out, a line
	rm -f f "$HOME/made" stolen
	timeout -k 5 "$LIMIT" "$@" -- sh tries.sh >"$T/out" 2>"$T/err" \
	    </dev/null
	st=$?
	out=$(echo $(cat "$T/out"))
}
while IFS='|' read -r name args wanted differs; do
	tried "$PRIVSEP" $args
	is "$name: nothing refused: what succeeds" "$st $out" "0 $wanted"
	bad=
	while read -r feature where names; do
		! theirs "$feature" || continue
		tried "$HOME/bin/without" "$feature:ENOSYS" "$PRIVSEP" $args
		if works "$where" ENOSYS; then
			want="0 $wanted"
		else
			want="125 "
		fi
		case " $differs " in
		*" -$feature "*) want="125 " ;;
		*" +$feature "*) want="0 $wanted" ;;
		esac
		if [ "$st $out" != "$want" ] || { [ "$st" = 125 ] &&
		    [ "$names" != - ] && ! grep -q -e "$names" "$T/err"; }; then
			bad="$bad; $feature: $st $out: $(grep -v denied: \
			    "$T/err" | tail -1)"
		fi
	done <"$T/table"
	is "$name: without each feature the same succeeds, or it is refused by name" \
	    "$bad" ""
done <"$T/policies"
is "no temporary directory is left" "$(leftovers)" ""
