#!/bin/sh
# What -n prints for each NAME.conf beside this file, into DIR/NAME.out, with
# what depends on the machine or the run taken out; and into DIR/NAME.again
# what it prints for its own output.  To accept what it prints now:
#
#	PRIVSEP=./privsep-sandbox sh regress/e2e/golden/run.sh \
#	    regress/e2e/golden && rm regress/e2e/golden/*.again
#
# usage: PRIVSEP=program run.sh DIR [NAME.conf ...]
set -eu
LC_ALL=C
export LC_ALL
here=$(cd "$(dirname "$0")" && pwd -P)
PRIVSEP=$(realpath "$PRIVSEP")
dir=$(cd "$1" && pwd -P)
shift
[ $# -gt 0 ] || set -- "$here"/*.conf

tree=$(mktemp -d /tmp/golden.XXXXXX)
trap 'rm -rf "$tree"' EXIT
umask 022
HOME=$tree
TMPDIR=$tree/tmp
USER=golden
export HOME TMPDIR USER
unset TTY
g=$tree/g
mkdir -p "$TMPDIR" "$g/usr/bin" "$g/etc" "$g/work/a/out" "$g/work/abc" \
    "$g/home/pub/private/again" "$g/home/empty" "$g/odd/{brace,d}" "$g/cwd" \
    "$g/odd/quo\"te"
for f in usr/bin/true etc/passwd etc/x.conf work/file work/a/out/x.o \
    home/id.key home/x.pem home/note home/pub/a home/pub/private/b \
    'odd/a b#c' 'odd/back\slash' 'odd/st*r?' 'odd/star1' 'odd/{brace,d}/f' \
    "odd/$(printf '\303\251t\351')"; do
	echo text >"$g/$f"
done
ln -s etc "$g/link"
ln -s nowhere "$g/dangling"
ln -s etc/passwd "$g/filelink"
cd "$g/cwd"

# Kernel, size of the filter and the system call table are others' matter;
# which of several reasons is found first depends on the order of directories:
# of a tier the rights remain.
normal() {
	sed -E -e '/^# (Linux|this kernel|not mediated:) /d' \
	    -e '/^# the child.s filter /d' \
	    -e '/^# (kernel|watch|broker|nobody): /d' \
	    -e 's/: (Landlock and )?notification: [^;]*;/;/g' \
	    -e 's/: Landlock holds it exactly;/;/g' \
	    -e 's/(nobody: ioctl): [^;]*;/\1;/g' \
	    -e "s,$tree/tmp/privsep-sandbox\.[A-Za-z0-9]*,@TMPDIR@,g" \
	    -e "s,$tree,@HOME@,g" | awk '
	function sorted(list,	n, i, k, w, one) {
		n = split(list, one, ", ")
		for (i = 2; i <= n; i++)
			for (k = i; k > 1 && one[k] < one[k - 1]; k--) {
				w = one[k]
				one[k] = one[k - 1]
				one[k - 1] = w
			}
		for (i = 1; i <= n; i++)
			printf "%s%s", (i == 1 ? " " : ", "), one[i]
	}
	/^(allow|warn|deny|kill|stop|abort|exit) .*	# [^ ]*:[0-9]+: .*;$/ {
		match($0, /	# [^ ]*:[0-9]+: /)
		printf "%s", substr($0, 1, RSTART + RLENGTH - 2)
		n = split(substr($0, RSTART + RLENGTH), group, "; ?")
		split("kernel watch broker nobody", tier, " ")
		for (t = 1; t <= 4; t++) {
			all = ""
			for (i = 1; i < n; i++) {
				split(group[i], part, ": ")
				if (part[1] == tier[t])
					all = all (all == "" ? "" : ", ") \
					    part[2]
			}
			if (all == "")
				continue
			printf " %s:", tier[t]
			sorted(all)
			printf ";"
		}
		for (i = 1; i < n; i++)
			if (group[i] !~ /: /)
				printf " %s;", group[i]
		print ""
		next
	}
	{ print }'
}

for conf; do
	name=$(basename "$conf" .conf)
	cp "$conf" "$name.conf"
	"$PRIVSEP" -n -f "$name.conf" >out </dev/null 2>err || cat err >>out
	normal <out >"$dir/$name.out"
	cp out "$name.conf"
	"$PRIVSEP" -n -f "$name.conf" >out </dev/null 2>err || cat err >>out
	normal <out >"$dir/$name.again"
done
