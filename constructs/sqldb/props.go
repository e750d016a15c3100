package sqldb

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"

	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/internal/cdkx"
	"github.com/storefront-cdk/storefront/internal/problem"
)

// Props configure a database. All are optional.
type Props struct {
	// VPC is the VPC of the services that use the database. If nil, that of the environment's platform. A later change fails:
	// CloudFormation does not replace a database of this package.
	VPC awsec2.IVpc
	// Name is the name of the database in the cluster: up to 63 lower-case letters, digits and underscores, starting with a
	// letter. If empty, app. A later change fails.
	Name string
	// Version is the version of Aurora PostgreSQL, such as "17.7". If empty, 17.7. RDS makes minor upgrades in the maintenance
	// window, which the template does not show. A later change of the major version upgrades the database, for which it is down
	// for some minutes and which cannot be undone: try it on a clone.
	Version string
	// MinCapacity is the least capacity of each instance, in Aurora capacity units (ACU) of about 2 GiB of memory: from 0.5, in
	// steps of 0.5. If zero, 1, or none if the database pauses. A later change is made in place.
	MinCapacity float64
	// MaxCapacity is the most capacity of each instance, from 1 to 256 ACU, in steps of 0.5. If zero, 2, or 8 if the profile has
	// RedundantStores. A later change is made in place; the default of max_connections changes with the next restart.
	MaxCapacity float64
	// Pause pauses the database when no client is connected to it. The next connection then waits for about 15 seconds, and for
	// 30 after a day. If zero, the profile decides: off if it has RedundantStores.
	Pause profile.Choice
	// PauseAfter is the time without connections after which the database pauses, in whole seconds from 5 minutes to a day. If
	// zero, 5 minutes.
	PauseAfter time.Duration
	// Readers is the number of instances besides the writer, up to 15, in other zones. The first becomes the writer when that
	// fails. If zero, 1 if the profile has RedundantStores, and else none.
	Readers int
	// BackupDays is the time for which the database can be restored to any second of it, from 1 to 35 days. If zero, 7 if the
	// profile has RetainData, and else 1.
	BackupDays int
	// Parameters are set in the parameter group of the cluster, in addition to rds.force_ssl, which is 1.
	Parameters map[string]string
	// Alarms set when the owner of a service that uses the database is notified, if the service has alarms. If zero, the defaults
	// of [Alarms].
	Alarms Alarms
	// Logs exports the log of PostgreSQL, with errors and the statements that caused them, to CloudWatch Logs. If zero, the profile
	// decides by SearchLogs: on in production.
	Logs profile.Choice
	// EncryptionKey encrypts the database and its backups. If nil, a key of its own if the profile has EncryptData, which costs 1
	// USD a month, and else the account's aws/rds. A later change fails.
	EncryptionKey awskms.IKey
	// Retain keeps the database when its stack is deleted. If zero, the profile decides: on in production. A database that is
	// retained has deletion protection if the profile has DeletionProtection.
	Retain profile.Choice
}

// Source: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.how-it-works.html and
// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ServerlessV2ScalingConfiguration.html
const (
	defaultName       = "app"
	defaultVersion    = "17.7"
	leastCapacity     = 0.5
	mostCapacity      = 256
	defaultPauseAfter = 5 * time.Minute
	maxPauseAfter     = 24 * time.Hour
	maxReaders        = 15
	maxBackupDays     = 35
	forceSSL          = "rds.force_ssl"
	maxConnections    = "max_connections"
)

// pausing is the first minor version of each major one that can pause.
var pausing = map[int]int{13: 15, 14: 12, 15: 7, 16: 3, 17: 4, 18: 1}

var (
	databaseName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)
	version      = regexp.MustCompile(`^(\d{2})\.(\d{1,2})$`)
)

func (p Props) withDefaults(defaults profile.Profile) Props {
	most, readers, backups := 2.0, 0, 1
	if defaults.RedundantStores {
		most, readers = 8, 1
	}
	if defaults.RetainData {
		backups = 7
	}
	p.Name = cmp.Or(p.Name, defaultName)
	p.Version = cmp.Or(p.Version, defaultVersion)
	p.MaxCapacity = cmp.Or(p.MaxCapacity, most)
	p.Readers = cmp.Or(p.Readers, readers)
	if p.Pause == profile.ByProfile {
		p.Pause = profile.Off
		// A minimum that is set is one that is wanted.
		if !defaults.RedundantStores && p.MinCapacity == 0 {
			p.Pause = profile.On
		}
	}
	if p.Pause == profile.On {
		p.PauseAfter = cmp.Or(p.PauseAfter, defaultPauseAfter)
	} else {
		p.MinCapacity = cmp.Or(p.MinCapacity, 1)
	}
	p.BackupDays = cmp.Or(p.BackupDays, backups)
	p.Alarms = p.Alarms.withDefaults()
	return p
}

// validate returns one error that lists every problem of the props, or nil. It expects the defaults.
func (p Props) validate() error {
	var problems []error
	if !databaseName.MatchString(p.Name) {
		problems = append(problems, fmt.Errorf("Name must be up to 63 lower-case letters, digits and underscores, starting with a letter, got %q", p.Name))
	}
	return errors.Join(append(problems,
		p.validateVersion(),
		p.validateCapacity(),
		cdkx.CheckWithin("Readers", p.Readers, 0, maxReaders),
		cdkx.CheckWithin("BackupDays", p.BackupDays, 1, maxBackupDays),
		p.validateParameters(),
		p.Alarms.validate(),
		p.Logs.Check("Logs"),
		p.Retain.Check("Retain"),
	)...)
}

// release returns the major and the minor version.
func (p Props) release() (major, minor int) {
	if parts := version.FindStringSubmatch(p.Version); parts != nil {
		major, _ = strconv.Atoi(parts[1])
		minor, _ = strconv.Atoi(parts[2])
	}
	return major, minor
}

func (p Props) validateVersion() error {
	major, minor := p.release()
	if first, known := pausing[major]; !known || minor < first {
		return fmt.Errorf(`Version must be one of Aurora PostgreSQL that can pause, such as "%s", from 13.15, 14.12, 15.7, 16.3, 17.4 or 18.1, got %q`, defaultVersion, p.Version)
	}
	return nil
}

func (p Props) validateCapacity() error {
	problems := []error{p.Pause.Check("Pause")}
	capacity := func(field string, value, least float64) {
		if !(value >= least && value <= mostCapacity) || value*2 != math.Trunc(value*2) { // NaN is within nothing
			problems = append(problems, fmt.Errorf("%s must be from %g to %d ACU in steps of 0.5, got %g", field, least, mostCapacity, value))
		}
	}
	capacity("MaxCapacity", p.MaxCapacity, 1)
	switch {
	case p.Pause == profile.On && p.MinCapacity != 0:
		problems = append(problems, fmt.Errorf("MinCapacity must not be set for a database that pauses, got %g: remove it, or set Pause to profile.Off", p.MinCapacity))
	case p.Pause != profile.On:
		capacity("MinCapacity", p.MinCapacity, leastCapacity)
	}
	if p.MinCapacity > p.MaxCapacity {
		problems = append(problems, fmt.Errorf("MaxCapacity must be at least MinCapacity (%g), got %g", p.MinCapacity, p.MaxCapacity))
	}
	switch {
	case p.Pause == profile.On:
		problems = append(problems, cdkx.CheckSeconds("PauseAfter", p.PauseAfter, defaultPauseAfter, maxPauseAfter))
	case p.PauseAfter != 0:
		problems = append(problems, fmt.Errorf("PauseAfter needs Pause, got %s: set Pause to profile.On, or remove it", p.PauseAfter))
	}
	return errors.Join(problems...)
}

func (p Props) validateParameters() error {
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(p.Parameters)) {
		field := fmt.Sprintf("Parameters[%q]", name)
		switch {
		case name == "" || strings.TrimSpace(name) != name:
			problems = append(problems, fmt.Errorf("%s must be the name of a parameter, such as log_min_duration_statement", field))
		case name == forceSSL:
			problems = append(problems, fmt.Errorf("%s must not be set, since every connection requires TLS: remove it", field))
		}
		problems = append(problems, problem.Plain(field, p.Parameters[name]))
	}
	return errors.Join(problems...)
}

// connections returns how many connections each instance takes at the least. The default of max_connections is of the memory that
// is not used by Aurora itself at the maximum capacity: AWS documents 189 for 1 ACU, 823 for 4, 1,669 for 8 and 3,360 for 16.
//
// Source: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html
func (p Props) connections() int {
	if own, err := strconv.Atoi(p.Parameters[maxConnections]); err == nil && own > 0 {
		return own
	}
	most := 5000
	if p.MinCapacity <= leastCapacity {
		most = 2000
	}
	return min(int(189*p.MaxCapacity), most)
}
