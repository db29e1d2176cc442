# What bash has over a POSIX shell: arrays, patterns, process groups of a pipeline.
declare -A map; for w in one two three; do map[$w]=${#w}; done
for k in one two three; do echo "$k=${map[$k]}"; done
a=(5 3 9 1); echo "${a[@]:1:2} ${#a[@]} ${a[-1]}"
[[ "pagewright" =~ ^(page)(w.*)$ ]] && echo "${BASH_REMATCH[1]} ${BASH_REMATCH[2]}"
shopt -s extglob; x=aaab; echo "${x##+(a)} ${x^^} ${x/a/A}"
printf '%s,' {1..5} {a..e}; echo
(( 2 ** 20 == 1048576 )) && echo power
fib() { local n=$1; (( n < 2 )) && { echo "$n"; return; }; echo $(( $(fib $((n - 1))) + $(fib $((n - 2))) )); }
fib 9
mapfile -t lines <<<$'x\ny\nz'; echo "${#lines[@]} ${lines[2]}"
set -o pipefail; false | true; echo "pipefail $?"
echo "${PIPESTATUS[@]}"
read -r -d '' text <<'END'
several
lines
END
echo "$text" | while IFS= read -r line; do echo "> $line"; done
( trap 'echo bye' EXIT; : )
pids=(); for i in {1..20}; do ( exit "$i" ) & pids+=($!); done; s=0; for p in "${pids[@]}"; do wait "$p"; s=$((s + $?)); done; echo "jobs $s"
coproc { read -r line; echo "co $line"; }; echo hello >&"${COPROC[1]}"; read -r answer <&"${COPROC[0]}"; echo "$answer"
