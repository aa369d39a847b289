#!/bin/bash
# Sends `hello` to this pod's mongod over a plain socket: mongosh would cost a second of CPU.
#   hello.sh alive    succeeds if mongod answers
#   hello.sh ready    succeeds if mongod is a primary or a secondary
set -euo pipefail
exec 3<>/dev/tcp/127.0.0.1/27017
# OP_MSG (header: length 52, request 1, opcode 2013), document {hello: 1, $db: 'admin'}
header='\x34\0\0\0\x01\0\0\0\0\0\0\0\xdd\x07\0\0'
flags='\0\0\0\0\0'
document='\x1f\0\0\0\x10hello\0\x01\0\0\0\x02$db\0\x06\0\0\0admin\0\0'
printf "$header$flags$document" >&3
length=$(head -c 4 <&3 | od -An -tu4 | tr -d ' ')
answer=$(head -c "$((length - 4))" <&3 | od -An -v -tx1 | tr -d ' \n')
[ -n "$answer" ] || { echo "no answer"; exit 1; }
[ "$1" != alive ] || exit 0
is_true() { [[ $answer == *"08$(printf %s "$1" | od -An -v -tx1 | tr -d ' \n')0001"* ]]; }
is_true isWritablePrimary || is_true secondary ||
  { echo "neither primary nor secondary"; exit 1; }
