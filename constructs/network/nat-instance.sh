# Forwards and masquerades what the private subnets of $vpc send to the internet, now and after each boot, and signals the
# result to CloudFormation by $signal_url. It installs nothing: the image has iptables and curl.
set -uo pipefail
instance=$(cat /var/lib/cloud/data/instance-id)

signal() {
	echo "NAT instance $instance: $1: $2"
	printf '{"Status":"%s","Reason":"%s","UniqueId":"%s","Data":"none"}' "$1" "$2" "$instance" >/run/nat-signal.json
	curl --silent --show-error --fail --max-time 20 --retry 60 --retry-delay 10 --retry-all-errors \
		--request PUT --header 'Content-Type:' --data-binary @/run/nat-signal.json "$signal_url"
}

# The image starts these for ECS, and Docker would write rules of its own.
for unit in ecs amazon-ecs-volume-plugin docker.socket docker containerd; do
	systemctl disable --now "$unit" || true
done

cat >/etc/sysctl.d/90-nat.conf <<'END'
net.ipv4.ip_forward = 1
net.ipv4.conf.all.send_redirects = 0
net.ipv4.conf.default.send_redirects = 0
END

cat >/usr/local/sbin/nat <<END
#!/bin/bash
set -euo pipefail
sysctl --quiet --load=/etc/sysctl.d/90-nat.conf
for redirects in /proc/sys/net/ipv4/conf/*/send_redirects; do echo 0 >"\$redirects"; done
iptables --wait --policy FORWARD ACCEPT
iptables --wait --flush FORWARD
iptables --wait --table nat --flush
iptables --wait --table nat --append POSTROUTING --source $vpc ! --destination $vpc --jump MASQUERADE
END
chmod 755 /usr/local/sbin/nat

cat >/etc/systemd/system/nat.service <<'END'
[Unit]
Description=Forward and masquerade what private subnets send to the internet
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/sbin/nat
Restart=on-failure
RestartSec=5

[Install]
WantedBy=multi-user.target
END

for attempt in 1 2 3 4 5 6 7 8 9 10; do
	if systemctl daemon-reload && systemctl enable nat && systemctl restart nat; then
		signal SUCCESS "forwards for $vpc"
		exit
	fi
	echo "NAT instance $instance: attempt $attempt failed"
	journalctl --unit nat --no-pager --lines 20
	sleep 10
done
signal FAILURE "NAT instance $instance cannot forward: see aws ec2 get-console-output --instance-id $instance"
exit 1
