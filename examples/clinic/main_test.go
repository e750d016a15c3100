package main

import (
	"testing"

	"github.com/storefront-cdk/storefront/constructs/app/apptest"
)

func TestMain(m *testing.M) { apptest.Main(m) }

func TestTemplates(t *testing.T) { apptest.Golden(t, clinic) }
