#!/usr/bin/perl
# Net::LDAP (libnet-ldap-perl). Prints "STEP ok" or "STEP failed: why" for each step. Settings: see InteropClient.cs.
use strict;
use warnings;
use Net::LDAP;
use Net::LDAP::Constant qw(LDAP_CONTROL_PAGED LDAP_INVALID_CREDENTIALS LDAP_ALREADY_EXISTS LDAP_NO_SUCH_OBJECT LDAP_COMPARE_TRUE LDAP_COMPARE_FALSE);
use Net::LDAP::Control::Paged;
use Net::LDAP::Extension::WhoAmI;

my ($base, $dn, $password) = @ENV{qw(BASE BIND_DN BIND_PW)};
my $me = "cn=net-ldap,ou=work,$base";
my $moved = "cn=moved net-ldap,ou=moved,$base";

sub step {
  my ($name, $run) = @_;
  my $said = eval { $run->() };
  my $why = defined $said ? $said : $@ || 'nothing';
  $why =~ s/\s+/ /g;
  print "$name ", ($why eq '1' ? 'ok' : "failed: $why"), "\n";
}

# 1, or what the answer was instead of the wanted code
sub answers {
  my ($message, $wanted) = @_;
  return $message->code == ($wanted // 0) ? 1 : $message->code . ' ' . $message->error;
}

my $c = Net::LDAP->new($ENV{LDAP_URL}) or die "no connection: $@";

sub paged {
  my $page = Net::LDAP::Control::Paged->new(size => 130, critical => 1);
  my %found;
  while (1) {
    my $answer = $c->search(base => "ou=people,$base", filter => '(objectClass=inetOrgPerson)', attrs => ['cn'], control => [$page]);
    return answers($answer) if $answer->code;
    $found{$_->dn} = 1 for $answer->entries;
    my ($control) = $answer->control(LDAP_CONTROL_PAGED) or return 'no control came back';
    my $cookie = $control->cookie;
    last unless defined $cookie && length $cookie;
    $page->cookie($cookie);
  }
  return keys %found == $ENV{PEOPLE} ? 1 : scalar keys %found;
}

sub tls {
  my ($authority) = @_;
  my $t = Net::LDAP->new($ENV{LDAP_URL}) or return "no connection: $@";
  my $answer = $t->start_tls(verify => 'require', cafile => $authority);
  return answers($answer) if $answer->code;
  $answer = $t->bind($dn, password => $password);
  return answers($answer) if $answer->code;
  return $t->who_am_i->response eq "dn:$dn" ? 1 : 'another identity';
}

sub ldaps {
  my ($authority) = @_;
  my $t = Net::LDAP->new($ENV{LDAPS_URL}, verify => 'require', cafile => $authority) or return "no connection: $@";
  return answers($t->bind($dn, password => $password));
}

sub unless_verified {
  my ($said) = @_;
  return $said =~ /certificate verify failed/ ? 1 : "it said: $said";
}

sub read_back {
  my $answer = $c->search(base => $moved, scope => 'base', filter => '(objectClass=*)', attrs => ['*', '+']);
  my $entry = $answer->entry(0) or return answers($answer);
  my @seen = map { scalar $entry->get_value($_) } qw(description mail cn);
  return "@seen" eq 'second a@example.com moved net-ldap' && defined $entry->get_value('entryUUID') ? 1 : "@seen";
}

step('bind', sub { answers($c->bind($dn, password => $password)) });
step('bind-refused', sub { answers(Net::LDAP->new($ENV{LDAP_URL})->bind($dn, password => 'wrong'), LDAP_INVALID_CREDENTIALS) });
step('root-dse', sub { my $d = $c->root_dse or return 'none'; grep({ $_ eq $base } $d->get_value('namingContexts')) && $d->supported_control(LDAP_CONTROL_PAGED) ? 1 : 'incomplete' });
step('schema', sub { my $s = $c->schema or return 'none'; $s->objectclass('inetOrgPerson') && $s->attribute('mail') ? 1 : 'incomplete' });
step('paged-search', \&paged);
step('add', sub { answers($c->add($me, attrs => [objectClass => 'inetOrgPerson', cn => 'net-ldap', sn => 'Perl', description => 'first'])) });
step('add-again', sub { answers($c->add($me, attrs => [objectClass => 'inetOrgPerson', cn => 'net-ldap', sn => 'Perl']), LDAP_ALREADY_EXISTS) });
step('modify', sub { answers($c->modify($me, changes => [replace => [description => 'second'], add => [mail => ['a@example.com', 'b@example.com']], delete => [mail => 'b@example.com']])) });
step('compare-true', sub { answers($c->compare($me, attr => 'mail', value => 'A@EXAMPLE.com'), LDAP_COMPARE_TRUE) });
step('compare-false', sub { answers($c->compare($me, attr => 'mail', value => 'b@example.com'), LDAP_COMPARE_FALSE) });
step('rename', sub { answers($c->moddn($me, newrdn => 'cn=moved net-ldap', deleteoldrdn => 1)) });
step('rename-to-new-parent', sub { answers($c->moddn("cn=moved net-ldap,ou=work,$base", newrdn => 'cn=moved net-ldap', deleteoldrdn => 1, newsuperior => "ou=moved,$base")) });
step('read-renamed', \&read_back);
step('delete', sub { answers($c->delete($moved)) });
step('delete-missing', sub { answers($c->delete($moved), LDAP_NO_SUCH_OBJECT) });
step('whoami', sub { my $said = $c->who_am_i->response; $said eq "dn:$dn" ? 1 : $said });
step('starttls', sub { tls($ENV{CA}) });
step('ldaps', sub { ldaps($ENV{CA}) });
step('starttls-wrong-ca', sub { unless_verified(tls($ENV{OTHER_CA})) });
step('ldaps-wrong-ca', sub { unless_verified(ldaps($ENV{OTHER_CA})) });
