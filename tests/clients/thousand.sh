# 1000 processes, one after the other. That no frame is lost the runner sees when the shell has ended.
i=0; while [ $i -lt 1000 ]; do $B true || echo "FAIL $i"; i=$((i + 1)); done; echo "processes $i"
