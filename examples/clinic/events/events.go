// Package events has the events by which the services of the clinic react to each other. Their applications import it, too.
package events

import (
	"time"

	"github.com/storefront-cdk/storefront/constructs/event"
)

// The events of appointments.
var (
	Booked    = event.Event{Source: "clinic.appointments", DetailType: "Booked", Detail: Appointment{}}
	Moved     = event.Event{Source: "clinic.appointments", DetailType: "Moved", Detail: Appointment{}}
	Cancelled = event.Event{Source: "clinic.appointments", DetailType: "Cancelled", Detail: Appointment{}}
)

// Appointment is what has happened to an appointment: its new time, or the one at which it will not take place.
type Appointment struct {
	PatientID      string    `json:"patientId"`
	PractitionerID string    `json:"practitionerId"`
	StartsAt       time.Time `json:"startsAt"`
}

// Registered is a new patient, or a new address of one.
var Registered = event.Event{Source: "clinic.patients", DetailType: "Registered", Detail: Patient{}}

// Patient is where reminders are sent.
type Patient struct {
	PatientID string `json:"patientId"`
	Email     string `json:"email"`
}
