//! What is built in: words to forms, second runs, facts on both edges, wrappers, services, path classes.

use noharm::knowledge::{
    Argument, FactKind, HOLE, Inner, Knowledge, Match, PathClass, RootKind, SecondRun, Shell, When,
};

/// Splits a line into words as a shell would, without expansions; `¤` stands for a hole, `¤¤` for one that splits.
fn words(line: &str) -> Vec<Argument> {
    let mut made = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (Some('\''), _) => word.get_or_insert_default().push(letter),
            (None, '\'' | '"') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (_, '\\') => word.get_or_insert_default().extend(letters.next()),
            (None, ' ') => made.extend(word.take()),
            _ => word.get_or_insert_default().push(letter),
        }
    }
    made.extend(word);
    made.into_iter()
        .map(|text| Argument {
            splits: text.contains("¤¤"),
            text: text.replace("¤¤", "¤").replace('¤', &HOLE.to_string()),
            holds_more: false,
        })
        .collect()
}

fn command(line: &str) -> Option<(Match<'static>, Vec<Argument>)> {
    let arguments = words(line);
    Knowledge::builtin().command(&arguments).map(|found| (found, arguments))
}

/// A form and its roles as one line, such as `mkdir-p D=/x`.
fn shown(line: &str) -> String {
    let Some((found, arguments)) = command(line) else { return String::new() };
    let mut parts = Vec::new();
    for instance in &found.instances {
        let mut roles: Vec<String> = found
            .form
            .roles
            .iter()
            .zip(0u8..)
            .filter_map(|(name, index)| {
                let text = instance.text(noharm::knowledge::Role(index), &arguments)?;
                Some(format!(" {name}={}", text.replace(HOLE, "¤")))
            })
            .collect();
        roles.sort();
        parts.push(format!("{}{}", found.form.id, roles.concat()));
    }
    parts.join(" + ")
}

/// The things of the first instance, by their keys.
fn keys(line: &str) -> Vec<String> {
    let Some((found, arguments)) = command(line) else { return Vec::new() };
    found
        .form
        .things
        .iter()
        .filter_map(|thing| thing.key(&found.instances[0], &arguments))
        .map(|key| key.replace(HOLE, "¤"))
        .collect()
}

/// The facts of one edge of a form, as `kind key`.
fn facts(line: &str, ok: bool) -> Vec<String> {
    let Some((found, arguments)) = command(line) else { return vec!["no form".to_owned()] };
    let rows = if ok { &found.form.ok } else { &found.form.fail };
    let mut made: Vec<String> = rows
        .iter()
        .filter(|row| row.fact != FactKind::Asked)
        .filter_map(|row| {
            let key = |thing: usize| found.form.things[thing].key(&found.instances[0], &arguments);
            let other = row.other.map_or(Some(String::new()), |other| key(other).map(|key| format!(" {key}")))?;
            let kind = serde_json::to_string(&row.fact).unwrap_or_default();
            Some(format!("{} {}{other}", kind.trim_matches('"'), key(row.thing)?))
        })
        .collect();
    made.sort();
    made
}

#[test]
fn words_find_their_form_and_roles() {
    let table = [
        ("rm -rf D", "rm-rf F=D"),
        ("rm -r -f -- -D", "rm-rf F=-D"),
        ("rm F -f", "rm-f F=F"),
        ("rm -fr A B", "rm-rf F=A + rm-rf F=B"),
        ("/bin/rm F", "rm F=F"),
        ("mkdir -pm 700 D", "mkdir-p D=D"),
        ("mkdir --par D", "mkdir-p D=D"),
        ("ln -fsn T L", "ln-sfn L=L T=T"),
        ("install -dm750 D", "install-d D=D"),
        ("sed -i.bak s/a/b/ F", "sed-i-bak F=F S=s/a/b/ X=.bak"),
        ("sed -i -e s/a/b/ F G", "sed-i F=F S=s/a/b/ + sed-i F=G S=s/a/b/"),
        ("sed --in-place=.bak s/a/b/ F", "sed-i-bak F=F S=s/a/b/ X=.bak"),
        ("tar xzf A -C D", "tar-x A=A D=D"),
        ("tar --extract --file=A --directory D", "tar-x A=A D=D"),
        ("tar -xzf A -C D", "tar-x A=A D=D"),
        ("cp A B D", "cp-many A=A D=D + cp-many A=B D=D"),
        ("cp -nt D A", "cp-into A=A D=D"),
        ("cp A D/", "cp-to-folder A=A D=D/"),
        ("dd of=B if=A bs=1M", "dd B=B"),
        ("wget -qO- URL", "wget-O-stdout F=- URL=URL"),
        ("curl -fsSLo F URL", "curl-f-o F=F URL=URL"),
        ("openssl req -x509 -newkey rsa:2048 -nodes -keyout K -out C", "openssl-req-x509 C=C K=K"),
        ("useradd -rms /bin/sh U", "useradd U=U"),
        ("apt-get -y install P Q", "apt-install P=P + apt-install P=Q"),
        ("apt-get install -o X=Y P", "apt-install-asks P=P"),
        ("ip -n ns a add A/N dev I", "ip-addr-add A=A/N I=I"),
        ("iptables -w -t nat -A C -s X -j Y", "iptables-A-wait C=C NAME=iptables RULE=-s X -j Y T=nat"),
        ("iptables -I INPUT 1 -s X", "iptables-I C=INPUT NAME=iptables NUMBER=1 RULE=-s X T=filter"),
        ("iptables --append C -s X", "iptables-A C=C NAME=iptables RULE=-s X T=filter"),
        ("iptables -D C 1", "iptables-D-number C=C N=1 NAME=iptables T=filter"),
        ("git -C /r clone --depth 1 URL D", "git-clone D=D URL=URL"),
        ("kubectl -n ns delete K N --ignore-not-found", "kubectl-delete-tolerant K=K N=N"),
        ("docker run -d --name=N IMG rm -f X", "docker-run-name IMG=IMG N=N"),
        ("redis-cli -h H SET K V NX", "redis-setnx K=K V=V"),
        ("psql -U u -d D -c 'CREATE TABLE T (i int)'", "sql-create C=CREATE TABLE T (i int) KIND=table OBJECT=T"),
        ("mount -o ro,bind A B", "mount-o-bind A=A D=B X=ro,bind"),
        ("crontab -", "crontab-stdin"),
        ("grep -qxF -- -x F", "grep F=F P=-x"),
        ("grep -q -e x F", "grep F=F P=x"),
        ("systemctl --quiet restart a b", "systemctl-restart S=a + systemctl-restart S=b"),
        ("service nginx reload", "service-reload S=nginx"),
        ("/etc/init.d/nginx restart", "init-restart NAME=nginx"),
        ("/etc/init.d/ssh restart", "init-restart NAME=ssh"),
        ("/etc/rc.d/sudo restart", "init-restart NAME=sudo"),
        ("iptables -F", "iptables-F-all NAME=iptables T=filter"),
        ("iptables -F -t nat", "iptables-F-all NAME=iptables T=nat"),
        ("iptables -t mangle -F PREROUTING", "iptables-F C=PREROUTING NAME=iptables T=mangle"),
        ("iptables -nvL INPUT", "iptables-L C=INPUT NAME=iptables T=filter"),
        ("iptables -X", "iptables-X-all NAME=iptables T=filter"),
        ("iptables -Z", "iptables-Z NAME=iptables T=filter"),
        ("iptables ¤¤ -I INPUT -s X", "iptables-I C=INPUT NAME=iptables RULE=-s X T=filter"),
        ("ebtables -A FORWARD -s X", "ebtables-A C=FORWARD NAME=ebtables RULE=-s X T=filter"),
        ("nft add rule inet t c tcp dport 22 accept", "nft-add-rule C=c F=inet RULE=tcp dport 22 accept T=t"),
        ("nft 'add rule inet t c tcp dport 22 accept'", "nft-add-rule C=c F=inet RULE=tcp dport 22 accept T=t"),
        ("nft add rule t c tcp dport 22 accept", "nft-add-rule-ip C=c RULE=tcp dport 22 accept T=t"),
        ("nft flush ruleset", "nft-flush-ruleset"),
        ("nft flush chain inet t c", "nft-flush-chain C=c F=inet T=t"),
        ("nft flush table t", "nft-flush-table-ip T=t"),
        ("mount --move A B", "mount-move A=A D=B"),
        ("mount -n -o move A B", "mount-o-move A=A D=B X=move"),
        ("mount -f D", "mount-fake"),
        ("mount --fake -t ext4 A B", "mount-fake"),
        ("mount -o remount,rw D", "mount-remount"),
        ("mount -a", "mount-all"),
        ("mount", "mount-list"),
        ("mount -n -o size=1m D1 -t tmpfs D2", "mount-empty A=D1 D=D2 X=tmpfs"),
        ("mount -t sysfs sys D", "mount-single A=sys D=D X=sysfs"),
        ("mount -vn /dev/sdb1", "mount-fstab-device A=/dev/sdb1"),
        ("mount.cifs //h/s D -o user=x", "mount-cifs A=//h/s D=D"),
        ("start-stop-daemon --stop --quiet --pidfile /run/x.pid --retry 5", "start-stop-daemon-stop P=/run/x.pid"),
        ("start-stop-daemon --stop --signal HUP --name x", "start-stop-daemon-reload P=x X=HUP"),
        ("start-stop-daemon --start --oknodo --startas /usr/sbin/x", "start-stop-daemon-start-oknodo P=/usr/sbin/x"),
        ("start-stop-daemon --start --test --exec /usr/sbin/x", "start-stop-daemon-test P=/usr/sbin/x"),
        ("update-rc.d -f x remove", "update-rc.d-off A=remove S=x"),
        ("update-rc.d x defaults", "update-rc.d A=defaults S=x"),
        ("deb-systemd-helper purge x.service", "deb-systemd-helper-disable S=x.service"),
        ("deb-systemd-helper unmask x.service", "deb-systemd-helper-unmask S=x.service"),
        ("deb-systemd-helper mask x.service", "deb-systemd-helper-mask S=x.service"),
        ("deb-systemd-invoke restart x.service", "deb-systemd-invoke-restart S=x.service"),
        ("killall -q -9 a b", "killall-hard P=a + killall-hard P=b"),
        ("killall -HUP a b", "killall-hup-many P=a + killall-hup-many P=b"),
        ("killall -s 0 a", "killall-0 P=a X=0"),
        ("kill -s 0 a", "kill-0-named P=a X=0"),
        ("pkill -9 a", "pkill-hard P=a"),
        ("adduser --system --group U", "adduser-system-group U=U"),
        ("adduser --group G", "adduser-new-group G=G"),
        ("delgroup --system G", "groupdel G=G"),
        ("update-alternatives --remove N A", "update-alternatives-remove N=N"),
        ("a2ensite -q S", "a2ensite S=S"),
        ("apache2_invoke enconf S", "apache2_invoke-enconf S=S"),
        ("apachectl -k graceful", "apachectl-k-reload X=graceful"),
        ("squid -k reconfigure", "squid-reload X=reconfigure"),
        ("postfix reload", "postfix-reload"),
        ("udevadm control --reload-rules", "udevadm-reload"),
        ("chmod -x F", "chmod-minus F=F"),
        ("chmod -R -w F", "chmod-minus F=F"),
        ("chmod -R a-w F", "chmod F=F M=a-w"),
        ("cp /dev/null F", "cp-nothing A=/dev/null F=F"),
        ("find D -type f -mtime +7 -delete", "find-delete D=D"),
        ("find D ( -name a -o -name b ) -exec rm -rf {} ;", "find-exec-rm D=D"),
        ("find D -name a -exec sed -i x {} +", ""),
        ("ip link add dev I type bridge", "ip-link-add-named I=I"),
        ("ip link add link E name I type vlan id 5", "ip-link-add-named I=I"),
        ("ip link add I type bridge", "ip-link-add I=I"),
        ("ip link del dev I", "ip-link-del-named I=I"),
        ("brctl delbr I", "brctl-delbr I=I"),
        ("git branch -D B", "git-branch-delete B=B"),
        ("git branch B", "git-branch B=B"),
        ("ufw allow 22/tcp", "ufw-rule RULE=22/tcp"),
        ("firewall-cmd --permanent --add-port=22/tcp", "firewall-cmd-add RULE=22/tcp"),
        ("dpkg-statoverride --update --add root g 0750 F", "dpkg-statoverride-update F=F G=g M=0750 U=root"),
        ("dpkg-statoverride --force-all --update --add u g 0750 F", "dpkg-statoverride-force F=F G=g M=0750 U=u"),
        ("dpkg-statoverride --list F", "dpkg-statoverride-list F=F"),
        ("dpkg-statoverride --list", "dpkg-statoverride-list-all"),
        ("dpkg-statoverride --remove F", "dpkg-statoverride-remove F=F"),
        ("dpkg-divert --package p --add --rename --divert F.orig F", "dpkg-divert-rename F=F"),
        ("dpkg-divert --package p --remove --rename --divert F.orig F", "dpkg-divert-remove-rename F=F"),
        ("dpkg-divert --local --no-rename F", "dpkg-divert F=F"),
        ("dpkg-divert --list F", "dpkg-divert-asks F=F"),
        ("ucf --purge F", "ucf-purge F=F"),
        ("ucf --three-way NEW F", "ucf A=NEW B=F"),
        ("ucfr p F", "ucfr F=F P=p"),
        ("ucfr --purge p F", "ucfr-purge F=F P=p"),
        ("setcap cap_net_raw+ep F", "setcap F=F M=cap_net_raw+ep"),
        ("setcap -r F", "setcap-r F=F"),
        ("setcap -v cap_net_raw+ep F", ""),
        ("update-initramfs -u -k all", "update-initramfs"),
        ("update-initramfs -d -k V", ""),
        ("update-grub", "update-grub"),
        ("grub-mkconfig -o F", "grub-mkconfig G=F"),
        ("mv A /run/x.d", "mv-to-folder A=A D=/run/x.d"),
        ("cp A /usr/lib/x.d", "cp-to-folder A=A D=/usr/lib/x.d"),
        ("install -m644 A /usr/lib/x/y.d", "install-to-folder A=A D=/usr/lib/x/y.d"),
        ("dpkg-maintscript-helper rm_conffile /etc/x 1 -- y", "dpkg-maintscript-helper A=rm_conffile"),
        ("tar cf - D", ""),
        ("tar -czf - D E", ""),
        ("openssl rsa -in A -out -", ""),
        ("> /etc/x", "redirect F=/etc/x STDIN=¤"),
        ("rm -rf \"¤\"/data", "rm-rf F=¤/data"),
        ("unknown-command x", ""),
    ];
    let wrong: Vec<String> = table
        .iter()
        .filter_map(|(line, wanted)| {
            let wanted = wanted.strip_suffix(" STDIN=¤").unwrap_or(wanted);
            let got = shown(line).replace(" STDIN=¤", "");
            let got = got.split(" REST=").next().unwrap_or_default().to_owned();
            (got != wanted).then(|| format!("{line}: {got:?}, wanted {wanted:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_option_that_is_not_known_makes_a_guess() {
    let exact = |line: &str| command(line).map(|(found, _)| found.exact);
    assert_eq!(exact("mkdir -p D"), Some(true));
    assert_eq!(exact("mkdir --surprise D"), Some(false));
    assert_eq!(exact("mkdir ¤¤ D"), Some(false), "the expansion may hold options");
    assert_eq!(exact("mkdir ¤¤"), Some(true), "the expansion must be the operand");
    assert_eq!(exact("cp ¤¤ D"), Some(true), "both operands are needed");
    assert_eq!(exact("mkdir -¤ D"), Some(false));
    assert_eq!(exact("rm -rf /tmp/¤¤"), Some(true));
}

#[test]
fn the_same_rule_by_whatever_verb() {
    let key = |line: &str| keys(line).first().cloned();
    let wanted = Some("iptables filter INPUT -p tcp --dport 5432 -j ACCEPT".to_owned());
    for verb in ["-C", "-A", "-I", "-D", "--check", "--append"] {
        assert_eq!(key(&format!("iptables {verb} INPUT -p tcp --dport 5432 -j ACCEPT")), wanted, "{verb}");
    }
    assert_eq!(key("iptables -t filter -w 5 -C INPUT -p tcp --dport 5432 -j ACCEPT"), wanted);
    assert_eq!(key("/sbin/iptables -I INPUT 1 -p tcp --dport 5432 -j ACCEPT"), wanted);
    assert_ne!(key("iptables -t nat -A INPUT -p tcp --dport 5432 -j ACCEPT"), wanted);
    assert_ne!(key("ip6tables -A INPUT -p tcp --dport 5432 -j ACCEPT"), wanted);
    assert_eq!(key("iptables -F INPUT").as_deref(), Some("iptables filter INPUT"));
    assert_eq!(key("iptables -F").as_deref(), Some("iptables filter"));
    assert_eq!(key("iptables-restore").as_deref(), Some("iptables"));
}

#[test]
fn second_runs_are_derived_as_observed() {
    let text = include_str!("data/second_runs.toml");
    let table: std::collections::BTreeMap<String, std::collections::BTreeMap<String, SecondRun>> =
        toml::from_str(text).expect("the table is well formed");
    let (mut wrong, mut compared) = (Vec::new(), 0);
    for (line, wanted) in &table["plain"] {
        match command(line) {
            None => wrong.push(format!("{line}: no form")),
            Some((found, _)) if found.form.second_run != *wanted => {
                wrong.push(format!("{line}: {} is {:?}, wanted {wanted:?}", found.form.id, found.form.second_run));
            }
            Some(_) => compared += 1,
        }
    }
    for (line, wanted) in &table["elsewhere"] {
        match command(line.trim()) {
            None => wrong.push(format!("{line}: no form")),
            Some((found, _)) => {
                let form = found.form;
                if form.second_run != *wanted && !form.second_run_elsewhere.contains(wanted) {
                    wrong.push(format!("{line}: {} never {wanted:?}", form.id));
                }
                compared += 1;
            }
        }
    }
    assert!(wrong.is_empty(), "{} agree\n{}", compared, wrong.join("\n"));
}

/// `.ci/second-runs` proves something of a form only if what it runs is that form.
#[test]
fn what_is_run_twice_is_the_form_of_the_table() {
    #[derive(serde::Deserialize)]
    struct Ways {
        run: std::collections::BTreeMap<String, Way>,
    }
    #[derive(serde::Deserialize)]
    struct Way {
        run: String,
        r#as: Option<String>,
    }
    let ways: Ways = toml::from_str(include_str!("data/second_run_ways.toml")).expect("it is well formed");
    let id = |line: &str| command(line.trim()).map(|(found, _)| found.form.id.to_string());
    let wrong: Vec<String> = ways
        .run
        .iter()
        .filter_map(|(line, way)| {
            let (wanted, got) = (id(line), id(way.r#as.as_ref().unwrap_or(&way.run)));
            (wanted != got).then(|| format!("{line}: {wanted:?}, and `{}` is {got:?}", way.run))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn facts_on_both_edges() {
    let table: &[(&str, &[&str], &[&str])] = &[
        ("mkdir D", &["empty-dir D", "is-dir D", "made-here D"], &[]),
        ("mkdir -p D", &["is-dir D"], &[]),
        ("rm -f F", &["absent F"], &["is-dir F"]),
        ("mv -T A B", &["absent A", "backed-up A B", "exists B"], &[]),
        ("cp A B", &["backed-up A B", "is-file A", "is-file B", "same-content B A"], &[]),
        (
            "grep -q x F",
            &["contains F#x", "content-searched F", "identified F", "non-empty-file F"],
            &["contains-not F#x", "is-file F"],
        ),
        ("getent passwd U", &["exists U"], &["absent U"]),
        ("useradd U", &["exists U", "exists U"], &[]),
        ("iptables -C C -s X", &["exists iptables filter C -s X"], &["absent iptables filter C -s X"]),
        ("iptables -A C -s X", &["exists iptables filter C -s X"], &[]),
        ("iptables -F", &["absent iptables filter"], &["absent iptables filter"]),
        ("iptables -t nat -F C", &["absent iptables nat C"], &["absent iptables nat C"]),
        (
            "iptables -N C",
            &["absent iptables filter C", "exists chain iptables filter C"],
            &["exists chain iptables filter C"],
        ),
        ("iptables -D C -s X", &["absent iptables filter C -s X"], &["absent iptables filter C -s X"]),
        ("iptables -Z", &[], &[]),
        ("nft flush ruleset", &["absent chain nft", "absent nft"], &["absent nft"]),
        (
            "nft flush chain inet t c",
            &["absent nft inet t c", "exists chain nft inet t c"],
            &["absent chain nft inet t c", "absent nft inet t c"],
        ),
        ("umount /srv/spool", &["absent /srv/spool"], &["absent /srv/spool"]),
        ("mountpoint -q /srv/spool", &["exists /srv/spool"], &["absent /srv/spool"]),
        ("mount --bind /data/spool /srv/spool", &["exists /srv/spool"], &[]),
        ("systemctl is-active -q S", &["active S"], &["inactive S"]),
        ("systemctl restart S", &["active S"], &[]),
        ("systemctl stop S", &["inactive S"], &[]),
        ("start-stop-daemon --stop --retry 5 --name S", &["absent object hanging S", "inactive S"], &[]),
        ("start-stop-daemon --stop --oknodo --name S", &["inactive S"], &[]),
        ("adduser --system --group U", &["exists U", "exists U"], &[]),
        ("systemctl unmask S", &["absent object masked S"], &[]),
        ("deb-systemd-helper unmask S", &["absent object masked S"], &[]),
        ("dpkg-statoverride --list F", &["exists object statoverride F"], &["absent object statoverride F"]),
        ("cmp -s A B", &["exists A", "exists B", "same-content B A"], &["differs A B", "differs B A"]),
        (
            "haproxy -c -f /etc/haproxy/haproxy.cfg",
            &["config-valid haproxy", "content-validated /etc/haproxy/haproxy.cfg"],
            &[],
        ),
        ("named-checkconf", &["config-valid named"], &[]),
        ("nginx -t", &["config-valid nginx"], &[]),
        ("visudo -cf /tmp/x", &["config-valid sudo", "content-validated /tmp/x"], &[]),
    ];
    let mut wrong = Vec::new();
    for (line, ok, fail) in table {
        for (yes, wanted) in [(true, ok), (false, fail)] {
            let got = facts(line, yes);
            if got != *wanted {
                wrong.push(format!("{line} {}: {got:?}", if yes { "ok" } else { "fail" }));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_validator_speaks_of_the_service_only_for_its_own_files() {
    let (found, _) = command("haproxy -c -f /etc/haproxy/haproxy.cfg").expect("a validator");
    let row = found.form.ok.iter().find(|row| row.fact == FactKind::ConfigValid).expect("it proves the config valid");
    assert!(matches!(row.when, When::Covered { .. }));
    assert!(found.form.asks && found.form.fail_is_answer);
    let covering = |path: &str| {
        Knowledge::builtin().services_covering(path).map(|service| service.name.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(covering("/etc/haproxy/haproxy.cfg"), ["haproxy"]);
    assert_eq!(covering("/etc/nginx/conf.d/\u{FFFC}.conf"), ["nginx"]);
    assert_eq!(covering("/etc/nginx"), ["nginx"]);
    assert_eq!(covering("/etc/bind/named.conf"), ["named"]);
    assert_eq!(covering("/srv/staged/haproxy.cfg"), Vec::<String>::new());
    assert_eq!(covering("/etc/sysconfig/network"), ["network"]);
    assert_eq!(covering("/etc/default/isc-dhcp-server"), Vec::<String>::new());
    for unchecked in ["network", "mysql"] {
        let service = Knowledge::builtin().service(unchecked).expect("a service");
        assert!(service.validators.is_empty(), "{unchecked}");
    }
    assert_eq!(covering("\u{FFFC}/haproxy.cfg"), Vec::<String>::new());
}

#[test]
fn what_excuses_a_second_run() {
    let excused = |line: &str, fact: FactKind| {
        let (found, _) = command(line).expect("a form");
        found.form.excuses.iter().any(|row| row.fact == fact)
    };
    assert!(excused("iptables -A C -s X", FactKind::Absent));
    assert!(excused("mount --bind A B", FactKind::Absent));
    assert!(excused("mkdir D", FactKind::Absent));
    assert!(excused("ln -s T L", FactKind::Absent));
    assert!(excused("useradd U", FactKind::Absent));
    assert!(!excused("mkdir D", FactKind::Exists));
    assert!(excused(">> F", FactKind::ContainsNot));
}

#[test]
fn services_by_every_name() {
    let name = |unit: &str| Knowledge::builtin().service(unit).map(|service| service.name.to_string());
    assert_eq!(name("bind9").as_deref(), Some("named"));
    assert_eq!(name("named.service").as_deref(), Some("named"));
    assert_eq!(name("httpd").as_deref(), Some("apache2"));
    assert_eq!(name("openvpn@client.service").as_deref(), Some("openvpn"));
    assert_eq!(name("postgresql@15-main").as_deref(), Some("postgresql"));
    assert_eq!(name("mariadb").as_deref(), Some("mysql"));
    assert_eq!(name("/usr/sbin/nginx").as_deref(), Some("nginx"));
    assert_eq!(name("/run/nginx.pid").as_deref(), Some("nginx"));
    assert_eq!(name("network").as_deref(), Some("network"));
    assert_eq!(name("nothing-of-the-kind"), None);
    for service in Knowledge::builtin().services() {
        assert!(!service.source.is_empty(), "{} has no source", service.name);
        for line in service.validators.iter() {
            let line = line.split(" >").next().unwrap_or_default();
            let (found, _) = command(line).unwrap_or_else(|| panic!("{line} is no form"));
            let valid = found.form.ok.iter().any(|row| row.fact == FactKind::ConfigValid);
            let of = found
                .form
                .things
                .iter()
                .any(|thing| thing.key(&found.instances[0], &words(line)).is_some_and(|key| key == service.name));
            assert!(valid && of && found.exact, "{line} does not validate {}: {}", service.name, found.form.id);
        }
    }
}

#[test]
fn what_paths_are() {
    let table = [
        ("/etc/haproxy/haproxy.cfg", PathClass::Config),
        ("/etc/nginx/conf.d/x.conf", PathClass::DropIn),
        ("/etc/sysctl.d/99-x.conf", PathClass::DropIn),
        ("/etc/cron.d/job", PathClass::DropIn),
        ("/etc/fstab", PathClass::System),
        ("/etc/sudoers.d/app", PathClass::System),
        ("/etc/ssh/sshd_config", PathClass::System),
        ("/etc/resolv.conf", PathClass::System),
        ("/etc/hosts", PathClass::System),
        ("/etc/default/grub", PathClass::System),
        ("/etc/shadow", PathClass::Secret),
        ("/etc/ssl/private/x.key", PathClass::Secret),
        ("/root/.ssh/id_ed25519", PathClass::Secret),
        ("/etc/systemd/system/x.service", PathClass::Unit),
        ("/etc/systemd/system/x.service.d/override.conf", PathClass::Unit),
        ("/etc/init.d/x", PathClass::Unit),
        ("/tmp/x", PathClass::Scratch),
        ("/run/x/env", PathClass::Scratch),
        ("/dev/null", PathClass::Stream),
        ("/dev/stderr", PathClass::Stream),
        ("/dev/kmsg", PathClass::Stream),
        ("/dev/tty1", PathClass::Stream),
        ("/dev/fd/3", PathClass::Stream),
        ("/proc/self/fd/2", PathClass::Stream),
        ("\u{FFFC}/dev/console", PathClass::Stream),
        ("/dev/shm/x", PathClass::Scratch),
        ("chroot/etc/fstab", PathClass::Image),
        ("/var/lib/lxc/\u{FFFC}/rootfs/etc/hostname", PathClass::Image),
        ("/target/etc/fstab", PathClass::Image),
        ("/etc/target/x", PathClass::Config),
        ("/etc/x.conf.dpkg-bak", PathClass::Backup),
        ("/etc/x.conf.dpkg-tmp", PathClass::Scratch),
        ("/etc/x.conf.app-new", PathClass::Scratch),
        ("/etc/x.conf-orig", PathClass::Backup),
        ("/etc/x_orig", PathClass::Backup),
        ("/etc/x.conf.saved", PathClass::Backup),
        ("/etc/x.original", PathClass::Backup),
        ("/etc/x/resolv-conf-backup", PathClass::Backup),
        ("/etc/x/enabled-save/a.conf", PathClass::Backup),
        ("/etc/x/originals/a.conf", PathClass::Backup),
        ("/etc/x.conf.disabled", PathClass::Backup),
        ("/etc/x.rpmsave", PathClass::Backup),
        ("/etc/x.conf.old.1", PathClass::Backup),
        ("/etc/resolv.conf.pppd-backup.ppp0", PathClass::Backup),
        ("/etc/x.conf.my-backup", PathClass::Backup),
        ("/etc/x.conf-old.3", PathClass::Backup),
        ("/etc/x_orig.conf", PathClass::Backup),
        ("/etc/x.ucf-dist", PathClass::Backup),
        ("/etc/cron.d/db-backup", PathClass::DropIn),
        ("/etc/db-backup.conf", PathClass::Config),
        ("/etc/systemd/system/db-backup.service", PathClass::Unit),
        ("/etc/x.conf.\u{FFFC}", PathClass::Scratch),
        ("/etc/fstab.\u{FFFC}", PathClass::Scratch),
        ("/etc/network/interfaces.\u{FFFC}", PathClass::System),
        ("/dev/sda", PathClass::Device),
        ("/proc/sys/net/ipv4/ip_forward", PathClass::Device),
        ("/run/x.pid", PathClass::Lock),
        ("/var/lock/x", PathClass::Lock),
        ("\u{FFFC}/x.pid", PathClass::Lock),
        ("/var/log/x.log", PathClass::Log),
        ("x.log", PathClass::Log),
        ("/var/cache/x", PathClass::Cache),
        ("/var/lib/mysql/ibdata1", PathClass::State),
        ("/var/lib/postgresql/15/main/postgresql.conf", PathClass::Config),
        ("/etc/nginx/nginx.conf.bak", PathClass::Backup),
        ("/etc/x.orig", PathClass::Backup),
        ("/etc/x~", PathClass::Backup),
        ("/etc/app/jail/dev/urandom", PathClass::Device),
        ("/etc/app/saved.hook", PathClass::Backup),
        ("/etc/app/old.app.conf", PathClass::Backup),
        ("/etc/app/old.conf", PathClass::Config),
        ("/etc/postfix/main.cf.proto", PathClass::Cache),
        ("/etc/app/app.conf.sample", PathClass::Cache),
        ("/etc/krb5.keytab.ldap", PathClass::Secret),
        ("/var/lib/app/plugins-scratch", PathClass::Scratch),
        ("/root/tempfile", PathClass::Scratch),
        ("/etc/nginx/nginx.conf.tmp", PathClass::Scratch),
        ("/etc/\u{FFFC}", PathClass::Config),
        ("/etc//nginx/./nginx.conf", PathClass::Config),
        ("\u{FFFC}", PathClass::Unknown),
        ("notes", PathClass::Unknown),
    ];
    for (path, wanted) in table {
        assert_eq!(Knowledge::builtin().path_class(path), wanted, "{path}");
    }
}

#[test]
fn what_names_say() {
    let table = [
        ("PIDFILE", Some(PathClass::Lock)),
        ("LOCK_FILE", Some(PathClass::Lock)),
        ("CACHE_DIR", Some(PathClass::Cache)),
        ("TMPDIR", Some(PathClass::Scratch)),
        ("tmpfile", Some(PathClass::Scratch)),
        ("BACKUP", Some(PathClass::Backup)),
        ("CONF_BACKUP", Some(PathClass::Backup)),
        ("SAVED", Some(PathClass::Backup)),
        ("PIDDIR", Some(PathClass::Lock)),
        ("APPTMP", Some(PathClass::Scratch)),
        ("HA_DEBUGLOG", Some(PathClass::Log)),
        ("resolv_original", Some(PathClass::Backup)),
        ("config_backup_file", Some(PathClass::Backup)),
        ("TTY", Some(PathClass::Stream)),
        ("active_tty", Some(PathClass::Stream)),
        ("rootfs_path", Some(PathClass::Image)),
        ("TARGET", Some(PathClass::Image)),
        ("TARGET_FS_ROOT", Some(PathClass::Image)),
        ("DESTDIR", Some(PathClass::Image)),
        ("NFSROOT", Some(PathClass::Image)),
        ("BUILDPLACE", Some(PathClass::Image)),
        ("mnt", Some(PathClass::Image)),
        ("mnt1", Some(PathClass::Image)),
        ("targets", None),
        ("ROOT_DIR", None),
        ("LOGFILE", Some(PathClass::Log)),
        ("PGDATA", Some(PathClass::State)),
        ("CONFIG_FILE", Some(PathClass::Config)),
        ("GITHUB_OUTPUT", Some(PathClass::Scratch)),
        ("X", None),
        ("name", None),
    ];
    for (name, wanted) in table {
        assert_eq!(Knowledge::builtin().name_class(name), wanted, "{name}");
    }
}

#[test]
fn what_test_operators_prove() {
    let row = |operator: &str| {
        let row = Knowledge::builtin().test_operator(operator).expect("a known operator");
        (row.yes.to_vec(), row.no.to_vec())
    };
    assert_eq!(row("-e"), (vec![FactKind::Exists], vec![FactKind::Absent]));
    assert_eq!(row("-f"), (vec![FactKind::IsFile], vec![]));
    assert_eq!(row("-d"), (vec![FactKind::IsDir], vec![]));
    assert_eq!(row("-s"), (vec![FactKind::NonEmptyFile], vec![]));
    assert_eq!(row("-L"), (vec![FactKind::IsLink], vec![]));
    assert_eq!(row("-n"), (vec![FactKind::NonEmpty], vec![FactKind::IsEmpty]));
    assert_eq!(row("-z"), (vec![FactKind::IsEmpty], vec![FactKind::NonEmpty]));
}

#[test]
fn wrappers_and_what_they_run() {
    let wrapper = |line: &str| Knowledge::builtin().wrapper(&words(line)).map(|found| found.inner);
    let text = |argument, shell, parameters| Some(Inner::Text { argument, offset: 0, shell, parameters });
    let table = [
        ("sudo -u app rm -rf D", Some(Inner::Command(3))),
        ("sudo FOO=1 rm D", Some(Inner::Command(2))),
        ("env -i A=b C=d cmd x", Some(Inner::Command(4))),
        ("timeout -k 5 30 cmd", Some(Inner::Command(4))),
        ("nice -n 5 cmd", Some(Inner::Command(3))),
        ("flock -n /run/l cmd x", Some(Inner::Command(3))),
        ("flock /run/l -c 'cmd x'", text(3, Shell::Posix, None)),
        ("flock 9", None),
        ("exec cmd", Some(Inner::Command(1))),
        ("exec", None),
        ("command -v x", None),
        ("command ls", Some(Inner::Command(1))),
        ("chroot /mnt cmd x", Some(Inner::Command(2))),
        ("docker exec -it web nginx -t", Some(Inner::Command(4))),
        ("kubectl exec -n ns pod -c app -- cmd x", Some(Inner::Command(8))),
        ("ssh -o A=b root@h cmd x", Some(Inner::Joined { first: 4, shell: Shell::Posix })),
        ("ssh h", Some(Inner::Stdin { shell: Shell::Posix, parameters: None })),
        ("bash -c 'cmd x' name one", text(2, Shell::Bash, Some(3))),
        ("sh -ec 'cmd x'", text(2, Shell::Posix, None)),
        ("bash script.sh x", Some(Inner::File { argument: 1, shell: Shell::Bash })),
        ("bash", Some(Inner::Stdin { shell: Shell::Bash, parameters: None })),
        ("su - postgres -c 'cmd x'", text(4, Shell::Posix, None)),
        ("su -c 'cmd x' postgres", text(2, Shell::Posix, None)),
        ("runuser -u app -- cmd x", Some(Inner::Command(4))),
        ("gosu app cmd", Some(Inner::Command(2))),
        ("xargs -0 -n 1 rm -f", Some(Inner::Partial { first: 4, replaced: None })),
        ("xargs -I{} rm -f {}", Some(Inner::Partial { first: 2, replaced: Some((1, 2)) })),
        ("eval cmd x", Some(Inner::Joined { first: 1, shell: Shell::Same })),
        ("ip netns exec ns cmd", Some(Inner::Command(4))),
        ("systemd-run --unit=x cmd", Some(Inner::Command(2))),
        ("time cmd", Some(Inner::Command(1))),
        ("ls x", None),
    ];
    let wrong: Vec<String> = table
        .iter()
        .filter_map(|(line, wanted)| {
            let got = wrapper(line);
            (got != *wanted).then(|| format!("{line}: {got:?}, wanted {wanted:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let ssh = Knowledge::builtin().wrapper(&words("ssh root@h cmd")).expect("a wrapper");
    assert_eq!((ssh.root.kind, ssh.root.name), (RootKind::Host, Some((1, 0))));
    let shell = Knowledge::builtin().wrapper(&words("sh -ec x")).expect("a wrapper");
    assert!(shell.errexit && shell.exact);
    let lock = Knowledge::builtin().wrapper(&words("flock -n /run/l cmd")).expect("a wrapper");
    assert_eq!(lock.lock, Some(2));
}

#[test]
fn functions_that_end_or_succeed() {
    let known = Knowledge::builtin();
    assert!(known.never_returns("die") && !known.never_returns("echo"));
    assert!(known.always_succeeds("echo") && known.always_succeeds("ocf_log") && !known.always_succeeds("rm"));
}

#[test]
fn a_users_rows_come_first() {
    let text = r#"
        [tool]
        frob = { options = "f/force" }
        [[form]]
        id = "frob"
        on = "frob"
        args = "N"
        also = { W = "object widget N" }
        cases = "create W"
        effects = ["create object W"]
        [[service]]
        name = "ours"
        paths = ["/opt/ours/etc/**"]
        source = "our own"
        [[paths]]
        class = "scratch"
        globs = ["/etc/generated/**"]
    "#;
    let known = Knowledge::with(&[("noharm.toml".to_owned(), text.to_owned())]).expect("it is well formed");
    let arguments = words("frob x");
    let found = known.command(&arguments).expect("the user's form");
    assert_eq!((&*found.form.id, found.form.second_run), ("frob", SecondRun::Fails));
    assert_eq!(known.path_class("/etc/generated/x"), PathClass::Scratch);
    assert_eq!(known.services_covering("/opt/ours/etc/x").count(), 1);
    assert!(known.command(&words("mkdir D")).is_some());
}

#[test]
fn mistakes_are_refused_with_their_place() {
    let mistake = |text: &str| {
        Knowledge::with(&[("rows.toml".to_owned(), text.to_owned())]).expect_err("it is not well formed").to_string()
    };
    let form = |row: &str| format!("[[form]]\nid = \"x\"\non = \"x\"\nargs = \"D:path\"\n{row}\n");
    assert_eq!(mistake(&form("cases = \"crate D\"")), "rows.toml:5:9: unknown shape `crate`: did you mean `create`?");
    assert_eq!(
        mistake(&form("cases = [\"D absnt => ok\"]")),
        "rows.toml:5:10: unknown predicate `absnt`: did you mean `absent`?"
    );
    assert_eq!(mistake(&form("cases = [\"E absent => ok\"]")), "rows.toml:5:10: unknown thing `E`: did you mean `D`?");
    assert!(mistake(&form("efects = []")).starts_with("rows.toml:5:1: unknown field `efects`"));
    assert!(mistake(&form("effects = [\"creat D\"]")).contains("did you mean `create`?"));
    assert!(mistake(&form("need = \"q\"")).starts_with("rows.toml:5:8: unknown option `q`"));
    assert!(mistake("[[service]]\nname = 1\n").starts_with("rows.toml:2:8: "));
    assert!(mistake("[[paths]]\nclass = \"confg\"\nglobs = []\n").contains("did you mean `config`?"));
    let many = "also = { E = \"path e\", F = \"path f\", G = \"path g\", H = \"path h\" }";
    assert!(mistake(&form(many)).contains("too many things"));
    assert!(mistake(&form("cases = [\"D absent => fail\", \"else => fail\"]")).contains("in no world"));
}

/// The files below a folder of the repository with this ending, and their text.
fn texts(folder: &str, ending: &str) -> Vec<String> {
    let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    let mut made = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of the repository") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == ending) {
                made.push(std::fs::read_to_string(&path).expect("a text"));
            }
        }
    }
    made
}

/// Adds every word that stands below one of these keys.
fn words_below(value: &toml::Value, keys: &[&str], below: bool, made: &mut std::collections::BTreeSet<String>) {
    match value {
        toml::Value::String(word) if below => {
            made.insert(word.clone());
        }
        toml::Value::Array(items) => items.iter().for_each(|item| words_below(item, keys, below, made)),
        toml::Value::Table(table) => {
            table.iter().for_each(|(key, value)| words_below(value, keys, below || keys.contains(&key.as_str()), made));
        }
        _ => {}
    }
}

#[test]
fn marks_that_rules_ask_for_are_given_and_explained() {
    use std::collections::BTreeSet;
    let parsed = |text: &str| text.parse::<toml::Table>().map(toml::Value::Table).expect("it is well formed");
    let mut asked = BTreeSet::new();
    for page in texts("rules", "md") {
        let table = page.split("+++").nth(1).expect("a page begins with a table");
        words_below(&parsed(table), &["mark", "marks", "with-marks", "unmarked"], false, &mut asked);
    }
    let mut given = BTreeSet::new();
    for rows in texts("rules/knowledge", "toml") {
        let mut rows = parsed(&rows);
        // Headers have marks of another kind.
        rows.as_table_mut().map(|rows| rows.remove("headers"));
        words_below(&rows, &["marks", "tells"], false, &mut given);
    }
    // What the engine says of loops, statuses, removals, writes, actions and the script itself; docs/rules.md explains them.
    let by_engine = [
        "absent-fails",
        "running-fails",
        "leftover-refuses",
        "unasked",
        "validated-first",
        "pid-overwritten",
        "unverified",
        "absent-goes-on",
        "stopped-is-failed",
        "fails-otherwise",
        "unknown-succeeds",
        "new-secret",
        "endless",
        "unbounded",
        "undelayed",
        "backs-off",
        "acts",
        "changes",
        "taken-up",
        "counts",
        "last",
        "filters",
        "waits",
        "asked-next",
        "printed-since",
        "tested-since",
        "negated-since",
        "joined-words",
        "unquoted-operand",
        "constant-word",
        "quiet-output",
        "either-differs",
        "redirected",
        "script-goes-on",
        "always-there",
        "assigned-since",
        "declared-since",
        "ends-as-success",
        "ends-well-anyway",
        "fails-script",
        "failure-told",
        "falls-back",
        "not-a-number",
        "several-words",
        "tidied-since",
        "told-next",
        "told-twice",
        "told-since",
        "by-pattern",
        "behind-failed-restart",
        "over-own-output",
        "by-bare-variable",
        "declares-whole",
        "was-awaited",
        "one-state",
        "awaits-files",
        "until-gone",
        "then-used",
        "then-judged",
        "then-reported",
        "then-started",
        "stops-first",
        "is-action",
        "is-another-action",
        "parent-of-setting",
        "asked-then-made",
        "holder-by-name",
        "job-number",
        "kept-value-lost",
        "last-as-child",
        "errors-thrown-away",
        "options-elsewhere",
        "asked-somewhere",
        "says-nothing",
        "cannot-be-tried",
        "names-nobody",
        "never-opened",
        "next-number",
        "passes-for-whole",
        "read-once",
        "retried",
        "ends-with-run",
        "shared-name",
        "success-only-told",
        "then-serves",
        "told-only",
        "asks-there",
        "stops-there",
        "last-is-given",
        "last-may-be-empty",
        "read-whole",
        "makes-room",
    ];
    let of_rows = given.clone();
    given.extend(by_engine.map(str::to_owned));
    let nowhere: Vec<_> = asked.difference(&given).collect();
    assert!(nowhere.is_empty(), "rules ask for what no row gives: {nowhere:?}");
    let page = include_str!("../docs/knowledge.md");
    let told = |mark: &str| page.lines().find(|line| line.starts_with(&format!("| `{mark}`")));
    let untold: Vec<_> = of_rows.iter().filter(|mark| told(mark).is_none()).collect();
    assert!(untold.is_empty(), "docs/knowledge.md does not say what they mean: {untold:?}");
    let starred = |mark: &str| told(mark).is_some_and(|line| line.starts_with(&format!("| `{mark}` *")));
    let wrong: Vec<_> = of_rows.iter().filter(|mark| starred(mark) == asked.contains(*mark)).collect();
    assert!(wrong.is_empty(), "a star says that no built-in rule asks for it: {wrong:?}");
}

#[test]
fn globs_of_names_have_no_classes() {
    let named = texts("rules/knowledge", "toml").into_iter().flat_map(|rows| {
        let table = rows.parse::<toml::Table>().expect("it is well formed");
        table.get("named").and_then(toml::Value::as_array).cloned().unwrap_or_default()
    });
    let mut globs = std::collections::BTreeSet::new();
    named.for_each(|row| words_below(&row, &["globs"], false, &mut globs));
    let classes: Vec<_> = globs.iter().filter(|glob| glob.contains('[')).collect();
    assert!(!globs.is_empty() && classes.is_empty(), "`[` stands for itself: {classes:?}");
}
