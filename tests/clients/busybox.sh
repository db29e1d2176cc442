# Tools of BusyBox on pipes and files. B is busybox, T a folder that may be written to.
seq() { $B seq "$@"; }
seq 1 1000 | $B sort -rn | $B head -n 3
seq 1 1000 | $B awk '{ s += $1 } END { print "sum", s }'
seq 1 100 | $B sed -n 's/^\(.\)0$/tens \1/p' | $B tail -n 2
seq 1 5000 >$T/numbers
$B md5sum <$T/numbers
$B sha256sum <$T/numbers
$B wc <$T/numbers
$B gzip <$T/numbers | $B gunzip | $B md5sum
$B bzip2 <$T/numbers | $B bunzip2 | $B cksum
$B grep -c 7 <$T/numbers
$B cut -c1-2 $T/numbers | $B uniq -c | $B sort -k1,1nr -k2 | $B head -n 2
$B dd if=/dev/zero bs=4096 count=64 2>/dev/null | $B wc -c
seq 1 20 | $B xargs -n 5 echo
$B printf '%s %05d %x\n' text 42 255
$B expr 6 \* 7
$B tr a-z A-Z <<END
lower case
END
echo "b a c" | $B tr ' ' '\n' | $B sort | $B tr '\n' ' '; echo
$B od -An -tx1 <<END
bytes
END
seq 1 300 | $B dc -e '?' >/dev/null 2>&1; echo "2 3 + p" | $B dc
$B diff $T/numbers $T/numbers && echo same
$B cmp $T/numbers $T/numbers && echo equal
$B base64 <<END
some text to encode
END
$B true; echo $?; $B false; echo $?
$B sh -c 'exit 9'; echo $?
$B env -i A=1 $B env
$B timeout 5 $B true; echo "timeout $?"
$B nice $B true; echo "nice $?"
