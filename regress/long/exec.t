#!/bin/sh
# Races for who is executed, $LONG_RACES attempts (10000) for each way to
# exchange what an execve(2) is about: nothing runs whose digest is not listed.
bin=${PRIVSEP:-./privsep-sandbox}
umask 022
top=$(mktemp -d /tmp/longexec.XXXXXXXXXX) || exit 1
trap 'rm -rf "$top"' EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$top"
cp "$bin" "$top/privsep-sandbox"
attempts=${LONG_RACES:-10000}
n=0

ok() {	# STATUS NAME
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok - $2"
	else
		echo "not ok - $2"
		sed 's/^/# /' "$d/err" | head -5
	fi
}

# Its first instructions make a file: no library, no loader.
cat >"$top/canary.c" <<'C'
static long
call(long nr, long a, long b, long c)
{
	long	 rv;

	__asm__ volatile ("syscall" : "=a" (rv) : "a" (nr), "D" (a), "S" (b),
	    "d" (c) : "rcx", "r11", "memory");
	return (rv);
}
void
_start(void)
{
	call(2, (long)NAME, 0101, 0644);
	call(60, STATUS, 0, 0);
}
C
# One that does not like to be started without a name.
cat >"$top/named.c" <<'C'
__asm__(".globl _start\n_start: mov 8(%rsp), %rdi\ncall start\n");
static long
call(long nr, long a, long b, long c)
{
	long	 rv;

	__asm__ volatile ("syscall" : "=a" (rv) : "a" (nr), "D" (a), "S" (b),
	    "d" (c) : "rcx", "r11", "memory");
	return (rv);
}
__attribute__((__used__)) static void
start(const char *name)
{
	if (name == 0 || *name == '\0') {
		call(2, (long)NAME, 0101, 0644);
		call(60, 66, 0, 0);
	}
	call(60, 0, 0, 0);
}
C
build() {	# NAME STATUS
	gcc -nostdlib -static -O1 -fno-stack-protector \
	    -DNAME="\"$d/ran.$1\"" -DSTATUS="$2" -o "$d/$1" "$top/canary.c"
}
list() {
	for f; do
		f=$(readlink -f "$f")
		echo "$f sha256 $(sha256sum <"$f" | cut -c1-64)"
	done
}

# Somebody outside of the sandbox, in its mount namespace, who may mount.
cat >"$top/mounts.sh" <<'SH'
d=$1
shift
./swapper mounts 0 900 "$d/target" "$d/good" "$d/evil" >/dev/null 2>&1 &
mounts=$!
"$@"
st=$?
kill "$mounts"
exit $st
SH

pass() {	# name, uid
	d=$top/$1
	mkdir "$d"
	cp "${BUILD:-build}/regress/swapper" "$d"
	build good 0
	build evil 66
	gcc -nostdlib -static -O1 -fno-stack-protector \
	    -DNAME="\"$d/ran.evil\"" -o "$d/named" "$top/named.c"
	[ "$2" -eq "$(id -u)" ] || chown -R "$2:$2" "$d"
	as=
	[ "$2" -eq "$(id -u)" ] ||
	    as="setpriv --reuid=$2 --regid=$2 --clear-groups"
	for check in late early; do
	for mode in exchange replace symlink bytes write map fd files thread \
	    script chain argv mount; do
		rm -f "$d"/target* "$d"/ran.*
		case $mode in
		symlink)	ln -s "$d/good" "$d/target" ;;
		argv)		$as cp "$d/named" "$d/target" ;;
		*)		$as cp "$d/good" "$d/target" ;;
		esac
		case $mode in
		exchange | thread | script | chain)
			$as cp "$d/evil" "$d/target.other" ;;
		write | map)
			$as ln "$d/target" "$d/target.other" ;;
		esac
		{
			list "$d/good" "$d/swapper" /lib64/ld-linux-x86-64.so.2
			[ $mode = argv ] && list "$d/target"
			echo "$d/target sha256 $(sha256sum <"$d/good" |
			    cut -c1-64)"
		} >"$d/list"
		# in a user namespace root is nobody to be trusted
		[ "$2" -eq "$(id -u)" ] || chown "$2:$2" "$d/list"
		around=
		if [ $mode = mount ]; then
			around="unshare -rm sh $top/mounts.sh $d"
			if ! $as unshare -rm true 2>/dev/null; then
				n=$((n + 1))
				echo "ok - $1: mount, $check # SKIP no user" \
				    "namespace to mount in"
				continue
			fi
		fi
		(cd "$d" && TMPDIR=/tmp HOME=$top timeout 900 $as $around \
		    "$top/privsep-sandbox" -p default \
		    -r 'deny exec class nullargv' \
		    -r "set exec-check $check" -r 'set verify all' \
		    -r "verify from '$d/list'" -- ./swapper "$mode" \
		    "$attempts" 800 "$d/target" "$d/good" "$d/evil") \
		    >"$d/out" 2>"$d/err"
		st=$?
		echo "# $1 $check $(cat "$d/out")"
		set -- "$1" "$2" $(cat "$d/out")
		[ $st -eq 0 ] && [ "${5:-0}" -eq "$attempts" ] &&
		    [ "${9:-1}" -eq 0 ] && [ ! -e "$d/ran.evil" ]
		ok $? "$1: $attempts attempts, $mode, $check: no other ran"
		[ "${7:-0}" -gt 0 ] && [ $((${11:-0} + ${13:-0})) -gt 0 ]
		ok $? "$1: ... it ran as listed, and was refused otherwise"
	done
	done
}

if [ "$(id -u)" -eq 0 ]; then
	pass root 0
	pass user 65534
else
	pass user "$(id -u)"
fi
echo "1..$n"
