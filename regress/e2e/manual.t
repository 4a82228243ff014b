#!/bin/sh
# The manual is lint-clean and says what the program does: SYNOPSIS is
# usage(), ENVIRONMENT is the table, EXAMPLES run.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"
M=$SRC/man/privsep-sandbox.1

if have mandoc; then
	for f in "$SRC"/man/*.[1-8]; do
		is "${f##*/}: lint" "$(mandoc -T lint -W warning "$f" 2>&1 |
		    grep -v 'outdated mandoc.db')" ""
	done
	synopsis=$(mandoc -T ascii -O width=200 "$M" | sed 's/.\x08//g' |
	    sed -n '/^SYNOPSIS/,/^DESCRIPTION/p' | sed 1d | sed '$d')
	is "SYNOPSIS is usage()" "$(echo $synopsis)" \
	    "$(sb -h | sed 's/^usage: //' | tr '\n' ' ' | tr -s ' ' |
	    sed 's/ $//')"
else
	skip "lint, SYNOPSIS" "no mandoc"
fi

# Every option is explained, and none more.
is "options of SYNOPSIS are those of DESCRIPTION" \
    "$(sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESC/p' "$M" | sed -n \
    's/^\.\(Op \)\{0,1\}Fl \([A-Za-z]*\).*/\2/p' | grep -o . | sort -u |
    tr -d '\n')" \
    "$(sed -n 's/^\.It Fl \([A-Za-z]\).*/\1/p' "$M" | sort -u | tr -d '\n')"

# The names in ENVIRONMENT are those of the table.
is "ENVIRONMENT is monitor/env.c" \
    "$(sed -n '/is removed:$/,/^\.El/p; /^Secrets are/,/^\.El/p' "$M" |
    sed -n 's/^\.Ev \([^ ]*\).*/\1/p' | sort -u)" \
    "$(sed -n 's/^	{ "\([^"]*\)",.*/\1/p' "$SRC/monitor/env.c" | sort -u)"

# Run the examples as they are printed.
mkdir -p "$HOME/.ssh" && echo secret >"$HOME/.ssh/id_ed25519"
echo netrc >"$HOME/.netrc"
echo readme >README
echo 'deny write under "$PWD/README"' >project.conf
printf 'all:\n\t@echo made >made\n' >Makefile
PATH=${PRIVSEP%/*}:$PATH

sed -n '/^\.Sh EXAMPLES/,/^\.Sh DIAG/s/^\$ //p' "$M" >"$T/examples"
[ "$(wc -l <"$T/examples")" -ge 8 ]
ok "there are examples"
while IFS= read -r ex; do
	case $ex in
	*jq*)	have jq || { skip "example: $ex" "no jq"; continue; } ;;
	esac
	out=$(timeout 20 sh -c "$ex" 2>"$T/err" </dev/null)
	st=$?
	err=$(cat "$T/err")
	case $ex in
	*"cat ~/.ssh/id"*)
		is "example: $ex" "$st:$out" "1:"
		like "... says why" "$err" "denied: .*id_ed25519" ;;
	*"touch new")
		is "example: $ex" "$st:$(ls new 2>/dev/null)" "1:" ;;
	*"cat ~/.netrc")	is "example: $ex" "$st:$out" "0:netrc" ;;
	*printenv*)		is "example: $ex" "$st:$out" "0:x" ;;
	*"cat README")		is "example: $ex" "$st:$out" "0:readme" ;;
	*"-- make")		is "example: $ex" "$st:$(cat made)" "0:made" ;;
	*"-n")
		is "example: $ex" "$st" 0
		like "... prints rules" "$out" "^deny contents under" ;;
	*jq*)	is "example: $ex" "$st" 0
		like "... prints rules" "$out" "^allow read.* \"$HOME/.ssh" ;;
	*)	is "example: $ex" "$st" 0 ;;
	esac
done <"$T/examples"

# Examples of the policy language are policies, and every statement and
# option is in one.
C=$SRC/man/privsep-sandbox.conf.5
sed -n '/^\.Sh EXAMPLES/,/^\.Sh [^E]/p' "$C" | awk '
    /^\.Bd -literal/ { n++; on = 1; next } /^\.Ed/ { on = 0 }
    on { print > ("'"$T"'/conf." n) }'
echo 'deny net' >site.conf
echo '198.51.100.0/24' >bad.netset
CARGO_HOME=$HOME/cargo; export CARGO_HOME
mkdir -p "$CARGO_HOME"
for f in "$T"/conf.*; do
	[ -f "$f" ] || continue
	sed 's/\\e/\\/g' "$f" >example.conf
	run -n -f example.conf
	is "privsep-sandbox.conf(5), example ${f##*.}" "$st:$err" "0:"
done
Y=$SRC/monitor/parse.y
words=$(sed -n '/^} keywords\[\]/,/^};/s/^	{ "\([a-z]*\)",.*/\1/p
    /^} settings\[\]/,/^};/s/^	{ "\([a-z-]*\)",.*/set \1/p' "$Y")
[ "$(echo "$words" | wc -l)" -ge 20 ]
ok "the parser's words are found"
none=$(echo "$words" | while read -r w; do
	cat "$T"/conf.* | sed 's/#.*//' | grep -q -E "(^| )$w( |\$)" ||
	    echo "$w"
done)
is "every word of the language is in an example" "$none" ""
none=$(sed -n '/^} promises\[\]/,/^};/s/^	{ "\([a-z_]*\)",.*/\1/p' "$Y" |
    while read -r w; do
	sed -n '/^\.Ss Promises/,/^\.Ss Who/p' "$C" |
	    grep -q -E "^\.It .*Li (.*, )?$w( |\$)|[ ,]$w( |\$)" || echo "$w"
done)
is "every word of a promise is explained" "$none" ""
none=$(sed -n '/^} rights_words\[\]/,/^};/s/^	{ "\([a-z]*\)",.*/\1/p' \
    "$SRC/common/rule.c" | while read -r w; do
	grep -q -E "^\.It Ic (.* , |.* )?$w( |\$)" "$C" || echo "$w"
done)
is "every word for a right is explained" "$none" ""
