#!/bin/sh
# A unit says one event and reads its feed, with nothing but curl.
#
#   LINKAGE_GATEWAY=http://127.0.0.1:8080 LINKAGE_KEY=lk_... sh join.sh
set -eu
: "${LINKAGE_GATEWAY:?the address of the gateway}" "${LINKAGE_KEY:?the API key of the unit}"

ask() {
  curl --silent --show-error --fail-with-body --retry 5 --retry-all-errors \
    --header "Authorization: Bearer $LINKAGE_KEY" "$@"
  echo
}

# With the same id a repetition is the same event and gives the first receipt again.
ask --json '{
  "type": "transfer.sent",
  "id": "curl-1",
  "case": {"number": "云环立〔2026〕9号"},
  "time": "2026-03-11T09:30:00+08:00",
  "data": {"addressee": "by-police", "letter_no": "云环移〔2026〕3号", "offence": "污染环境罪"}
}' "$LINKAGE_GATEWAY/v1/events"

# What is delivered to the unit: continue after the last number that was read.
ask "$LINKAGE_GATEWAY/v1/feeds/me?after=0"
