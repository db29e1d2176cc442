# Words, arithmetic, functions, loops, pipes, files, signals and jobs of a POSIX shell.
# T is a folder that may be written to, S the shell.
fail() { echo "FAIL $*"; }
i=0; while [ $i -lt 200 ]; do i=$((i + 1)); done; echo "counted $i"
fact() { if [ "$1" -le 1 ]; then echo 1; else echo $(($1 * $(fact $(($1 - 1))))); fi; }
echo "factorial $(fact 10)"
for word in alpha beta "two words"; do echo "[$word]"; done
case $((7 % 4)) in 3) echo "case three" ;; *) fail case ;; esac
echo "one
two
three" | while read -r line; do echo "line $line"; done
echo "here document" >$T/text; cat $T/text 2>/dev/null || while read -r line; do echo "$line"; done <$T/text
(exit 3); echo "status $?"
$S -c 'exit 42'; echo "child $?"
{ $S -c 'kill -9 $$'; } 2>/dev/null; echo "killed $?"
trap 'echo trapped' USR1; kill -USR1 $$; trap - USR1
sleep_in() { $S -c "exit $1"; }
sleep_in 5 & first=$!; sleep_in 6 & second=$!
wait $first; echo "first $?"; wait $second; echo "second $?"
{ echo a; echo b; echo c; } >$T/list
n=0; while read -r line; do n=$((n + 1)); done <$T/list; echo "lines $n"
a=hello; echo "${a#he} ${a%lo} ${#a} ${none:-default} ${a:+set}"
set -- x y z; shift; echo "$# $1 $2"
eval 'echo "evaluated $a"'
out=$(for x in 3 1 2; do echo $x; done | while read -r x; do echo "<$x>"; done); echo $out
exec 3>$T/three; echo "through three" >&3; exec 3>&-; read -r line <$T/three; echo "$line"
i=0; while [ $i -lt 50 ]; do $S -c : || fail "process $i"; i=$((i + 1)); done; echo "processes $i"
