// Command clinic is the example of a whole app of its own: see README.md.
package main

import (
	"os"

	"github.com/storefront-cdk/storefront/constructs/app"
)

var clinic = app.App{
	Name:         "clinic",
	Environments: []app.Environment{sandbox, production},
	Platform:     definePlatform,
	Identity:     defineIdentity,
	Services: []app.Service{
		{ID: "Practitioners", Define: definePractitioners},
		{ID: "Patients", Define: definePatients},
		{ID: "Availability", Define: defineAvailability},
		{ID: "Appointments", Define: defineAppointments},
		{ID: "Reminders", Define: defineReminders},
		{ID: "Records", Define: defineRecords},
		{ID: "Prescriptions", Define: definePrescriptions},
		{ID: "Billing", Define: defineBilling},
	},
}

func main() { os.Exit(app.Run(clinic)) }
