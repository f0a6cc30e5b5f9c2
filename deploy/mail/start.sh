#!/bin/sh
# Set postfix up as a null client of RELAYHOST and stay in the foreground.
set -eu
: "${RELAYHOST:?RELAYHOST is missing}" "${MYHOSTNAME:?MYHOSTNAME is missing}"
postconf -e \
    "relayhost=$RELAYHOST" "myhostname=$MYHOSTNAME" "mydestination=" "inet_interfaces=all" \
    "mynetworks=10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 127.0.0.0/8" \
    "smtpd_relay_restrictions=permit_mynetworks,reject" \
    "smtp_tls_security_level=encrypt" "message_size_limit=1048576" \
    "maillog_file=/dev/stdout" "maximal_queue_lifetime=2d"
exec postfix start-fg
