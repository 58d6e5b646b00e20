# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# The shipped tocsin.toml explains every key; this makes tocsin.toml(5) of it, so that the two cannot
# differ. Comments become text, commented-out keys with their defaults become list items.
BEGIN {
  print ".\\\" SPDX-License-Identifier: Apache-2.0"
  print ".\\\" Copyright 2026 The tocsin authors"
  print ".\\\" Made from systemd/tocsin.toml by cmake/toml_man.awk."
  print ".Dd November 30, 2026\n.Dt TOCSIN.TOML 5\n.Os"
  print ".Sh NAME\n.Nm tocsin.toml\n.Nd configuration of tocsind and tocsin-relay"
  print ".Sh SYNOPSIS\n.Pa /etc/tocsin/tocsin.toml\n.Pp\n.Pa /etc/tocsin/conf.d/*.toml"
  print ".Sh DESCRIPTION"
  print "A TOML file.\nThe drop-ins are read after it in the order of their names and win over it;"
  print ".Fl o Ar section.key Ns = Ns Ar value\non the command line of"
  print ".Xr tocsind 8\nwins over all.\nEvery key may be left out and has the default shown here."
  print "A key that is not known, or a value that does not fit, is a fault:\n.Ql tocsin config check"
  print "names file, line, column and reason of each, and\n.Ql tocsin config show"
  print "the values in force and where each came from.\nA start refuses faults; a reload keeps the old values."
  print ".Bl -tag -width Ds"
  head = 1
}

function safe(text) {
  gsub(/\\/, "\\e", text)
  if (text ~ /^[.']/) text = "\\&" text
  return text
}

# Keys that stand together share the text above them.
function flush_keys(i) {
  if (keys == 0) return
  for (i = 1; i <= keys; i++) print ".It Li \"" item[i] "\""
  if (text != "") print text
  keys = 0
  text = ""
}

function add_key(name, value) {
  value = safe(value)
  gsub(/"/, "\\(dq", value)
  item[++keys] = (section == "" ? "" : section ".") name " = " value
}

head { if ($0 == "") head = 0; next }
/^\[/ { flush_keys(); text = ""; section = substr($0, 2, length($0) - 2); next }
/^#[a-z_0-9]+ = / {
  name = substr($1, 2)
  value = $0
  sub(/^#[a-z_0-9]+ = /, "", value)
  add_key(name, value)
  next
}
/^# / {
  flush_keys()
  line = safe(substr($0, 3))
  text = text == "" ? line : text "\n" line
}

END {
  flush_keys()
  print ".El"
  print ".Sh EXAMPLES\nOnly administrators read alerts, and they also go to the standard output:"
  print ".Bd -literal -offset indent\n[control]\ngroup = \"\"\n\n[sinks]\nstdout = \"human\"\n.Ed"
  print ".Sh SEE ALSO\n.Xr tocsin 1 ,\n.Xr tocsin-iocs 5 ,\n.Xr tocsin-relay 8 ,\n.Xr tocsind 8"
}
