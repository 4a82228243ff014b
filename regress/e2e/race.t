#!/bin/sh
# Threads that swap the path, a link or a descriptor while others open or
# execute never reach a denied file: bounded, and zero breaches.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"

mkdir -p "$HOME/.ssh" .ssh dir
word=SECRET$$
echo "$word" >"$HOME/.ssh/id"
echo public >.ssh/id
echo public >dir/id
cp "$HOME/bin/racer" "$HOME/.ssh/prog"
cp "$HOME/bin/racer" prog
cp "$HOME/bin/racer" racer
cp "$HOME/bin/mover" mover
opens=0
execs=0

# race METHOD SECONDS FILE
race() {
	rm -rf link a l1
	run $by -- ./racer "$1" "$2" "$WORK/$4" "$HOME/.ssh/$3" "$word"
	like "$by$1: no breach" "$out" "^$1 attempts [0-9]+ .* breaches 0$"
	n=$(echo "$out" | sed -n 's/.* attempts \([0-9]*\) .*/\1/p')
	reached=$(echo "$out" | sed -n 's/.* reached \([0-9]*\) .*/\1/p')
	echo "# $by$out"
	denials=$(echo "$out" | sed -n 's/.* denied \([0-9]*\) .*/\1/p')
}

# What is raced must really change: both outcomes are seen.
both() {
	[ "${reached:-0}" -gt 0 ] && [ "${denials:-0}" -gt 0 ]
	ok "$by$1: both files were asked for" "$out"
}

# By the default profile, which Landlock holds; and by a pattern, where nobody
# but the broker stands before the file.
cat >broker.conf <<END
allow all under "/"
deny read, exec glob "$HOME/.ss[h]/**"
END
run -n -f broker.conf
like "the broker decides on it" "$out" '^# broker: .*readfile'
for by in '' '-f broker.conf '; do
for m in bytes symlink exchange descriptor cwd bytes-process \
    descriptor-process cwd-process; do
	race $m 0.6 id .ssh/id
	opens=$((opens + ${n:-0}))
	both $m
done
race directory 0.6 id dir/id
opens=$((opens + ${n:-0}))
race how 0.6 id dir/id
opens=$((opens + ${n:-0}))
done
by=
[ $opens -gt 1000 ]
ok "more than 1000 opens were tried" "$opens"
for m in exec-bytes exec-symlink exec-exchange; do
	race $m 1.2 prog prog
	execs=$((execs + ${n:-0}))
	[ "${reached:-0}" -gt 0 ]
	ok "$m: the allowed program ran" "$out"
done
[ $execs -gt 300 ]
ok "more than 300 executions were tried" "$execs"

# A directory is moved on the way, and what is denied into it: ordinary
# lookups through a place that is allowed never get at it.
for m in open rename; do
	rm -rf free held
	mkdir free held
	echo "$word" >held/secret
	run -r "allow all under \"$WORK\"" \
	    -r "deny quiet readfile glob \"$WORK/held/**\"" \
	    -r "allow read under /proc" \
	    -- ./mover $m "$WORK/free" "$WORK/held" 150 "$word"
	like "$m: what was moved there is not reached" "$out" \
	    "^$m .* breaches 0$"
	n=$(echo "$out" | sed -n 's/.* moved \([0-9]*\) .*/\1/p')
	[ "${n:-0}" -gt 50 ]
	ok "$m: it was moved there" "$out"
done
rm -rf free held

# The test's own check: bare, the same races do breach.
b=0
for m in bytes exchange exec-symlink; do
	rm -rf link a l1
	f=id; [ $m = exec-symlink ] && f=prog
	p=$WORK/.ssh/id; [ $m = exec-symlink ] && p=$WORK/prog
	./racer $m 0.3 "$p" "$HOME/.ssh/$f" "$word" |
	    grep -q 'breaches [1-9]' && b=$((b + 1))
done
is "bare, the same races breach" "$b" 3
