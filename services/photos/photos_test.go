package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/services/internal/awstest"
	"github.com/storefront-cdk/storefront/services/internal/table"
	"github.com/storefront-cdk/storefront/services/photos/api"
	"github.com/storefront-cdk/storefront/stacks/events"
)

// start runs a service without photos, of which admin is an administrator.
func start(t *testing.T) (*awstest.Client, awstest.Stack) {
	stack := awstest.Deploy(t, "Photos")
	_, err := dynamodb.NewFromConfig(stack.AWS).PutItem(t.Context(), &dynamodb.PutItemInput{
		TableName: aws.String(stack.Environment["METADATA_TABLE_NAME"]),
		Item:      table.Item{"productId": table.Text("administrator#admin"), "photoId": table.Text("administrator")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return awstest.Start(t, stack, nil, spec, run), stack
}

func published(t *testing.T, stack awstest.Stack) []events.Photo {
	t.Helper()
	return awstest.Outbox[events.Photo](t, stack, stack.Environment["METADATA_TABLE_NAME"], events.PhotoUploaded)
}

type form struct {
	PhotoID, URL string
	Fields       map[string]string
}

// post sends a file as a browser does, and returns the status.
func (f form) post(t *testing.T, file []byte) int {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, value := range f.Fields {
		_ = w.WriteField(name, value)
	}
	part, _ := w.CreateFormFile("file", "holiday.jpg")
	_, _ = part.Write(file)
	_ = w.Close()
	response, err := http.Post(f.URL, w.FormDataContentType(), &body)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode
}

// upload uploads a file and completes it.
func upload(t *testing.T, user *awstest.Client, contentType string, file []byte) awstest.Response {
	t.Helper()
	var f form
	user.Post("/photos/lamp", map[string]string{"contentType": contentType, "alt": "A lamp", "credit": "Ada"}).Expect(http.StatusCreated, &f)
	if status := f.post(t, file); status != http.StatusNoContent {
		t.Fatalf("the store answers %d to the upload", status)
	}
	return user.Post("/photos/lamp/"+f.PhotoID+"/complete", nil)
}

// sample is a picture with a red upper left quarter.
func sample(width, height int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.NRGBA{0, 0, 255, 255}
			if x < width/2 && y < height/2 {
				c = color.NRGBA{255, 0, 0, 255}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

func jpegOf(t *testing.T, img image.Image, turned uint16) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sample.jpg")
	if err := encode(path, img, 90, turned); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func pngOf(img image.Image) []byte {
	var b bytes.Buffer
	_ = png.Encode(&b, img)
	return b.Bytes()
}

func TestAPhotoIsHiddenUntilItIsApproved(t *testing.T) {
	photos, stack := start(t)
	ada, admin := photos.As("ada"), photos.As("admin")
	var p, again api.Photo
	upload(t, ada, "image/jpeg", jpegOf(t, sample(1500, 1000), 1)).Expect(http.StatusOK, &p)
	if p.State != api.Hidden || *p.Alt != "A lamp" || *p.Credit != "Ada" {
		t.Errorf("got %+v", p)
	}
	path := "/photos/lamp/" + p.PhotoID
	want := []api.Size{
		{Size: api.Original, Path: path + "/original", Width: 1500, Height: 1000},
		{Size: api.Medium, Path: path + "/medium", Width: 1200, Height: 800},
		{Size: api.Small, Path: path + "/small", Width: 400, Height: 266},
	}
	if diff := cmp.Diff(want, p.Sizes); diff != "" {
		t.Errorf("sizes (-want +got):\n%s", diff)
	}
	ada.Post(path+"/complete", nil).Expect(http.StatusOK, &again)
	if diff := cmp.Diff(p, again); diff != "" {
		t.Errorf("completed again: %s", diff)
	}

	photos.Get(path+"/small").ExpectProblem(http.StatusNotFound, "there is no photo")
	if got := list(photos, "/photos/lamp"); len(got) > 0 || len(published(t, stack)) > 0 {
		t.Errorf("a hidden photo is listed or published: %v", got)
	}
	var hidden api.Photos
	admin.Get("/photos/hidden").Expect(http.StatusOK, &hidden)
	if len(hidden.Items) != 1 || hidden.Items[0].PhotoID != p.PhotoID {
		t.Fatalf("hidden are %+v", hidden)
	}
	expectPicture(t, fetch(t, hidden.Items[0].Sizes[2].Path), 400, 266)

	ada.Post(path+"/approve", nil).ExpectProblem(http.StatusForbidden, "only an administrator")
	ada.Get("/photos/hidden").ExpectProblem(http.StatusForbidden, "only an administrator")
	var approved api.Photo
	admin.Post(path+"/approve", nil).Expect(http.StatusOK, &approved)
	admin.Post(path+"/approve", nil).Expect(http.StatusOK, &again)
	if diff := cmp.Diff(approved, again); diff != "" || approved.State != api.Approved {
		t.Errorf("approved again: %+v, %s", approved, diff)
	}
	if diff := cmp.Diff([]string{p.PhotoID}, list(photos, "/photos/lamp")); diff != "" {
		t.Errorf("listed (-want +got):\n%s", diff)
	}
	if got := list(admin, "/photos/hidden"); len(got) > 0 {
		t.Errorf("still hidden: %v", got)
	}
	told := events.Photo{ProductID: "lamp", PhotoID: p.PhotoID, UploadedAt: p.UploadedAt}
	for _, s := range want {
		told.Sizes = append(told.Sizes, events.PhotoSize{Path: s.Path, Width: s.Width, Height: s.Height})
	}
	if diff := cmp.Diff([]events.Photo{told}, published(t, stack)); diff != "" {
		t.Errorf("one event (-want +got):\n%s", diff)
	}

	response := photos.Get(path+"/medium").Expect(http.StatusOK, nil)
	expectPicture(t, response.Body, 1200, 800)
	if tag := response.Header.Get("ETag"); tag == "" || photos.With("If-None-Match", tag).Get(path+"/medium").Status != http.StatusNotModified {
		t.Error("a picture that the browser has is sent again")
	}
	expectPicture(t, fetch(t, photos.Get(path+"/original").Expect(http.StatusFound, nil).Header.Get("Location")), 1500, 1000)

	photos.As("bob").Delete(path).ExpectProblem(http.StatusForbidden, "only an administrator")
	ada.Delete(path).Expect(http.StatusNoContent, nil)
	photos.Get(path+"/small").ExpectProblem(http.StatusNotFound, "there is no photo")
	admin.Delete(path).ExpectProblem(http.StatusNotFound, "there is no photo")
	ada.Post(path+"/complete", nil).ExpectProblem(http.StatusNotFound, "you have uploaded no photo")
}

func TestTheStoreRefusesOtherFilesThanTheFormIsFor(t *testing.T) {
	photos, _ := start(t)
	ada := photos.As("ada")
	var f form
	ada.Post("/photos/lamp", map[string]string{"contentType": "image/png"}).Expect(http.StatusCreated, &f)
	if status := f.post(t, make([]byte, maxUpload+1)); status != http.StatusBadRequest {
		t.Errorf("the store answers %d to a file that is too large", status)
	}
	ada.Post("/photos/lamp/"+f.PhotoID+"/complete", nil).ExpectProblem(http.StatusConflict, "the file is not uploaded yet")
	other := form{URL: f.URL, Fields: map[string]string{}}
	for name, value := range f.Fields {
		other.Fields[name] = value
	}
	other.Fields["Content-Type"] = "text/html"
	if status := other.post(t, []byte("<script>")); status != http.StatusForbidden {
		t.Errorf("the store answers %d to another content type", status)
	}
	other.Fields["Content-Type"], other.Fields["key"] = "image/png", "photos/other/small.jpg"
	if status := other.post(t, []byte("x")); status != http.StatusForbidden {
		t.Errorf("the store answers %d to another key", status)
	}
	ada.Post("/photos/lamp", map[string]string{"contentType": "image/svg+xml"}).ExpectProblem(http.StatusBadRequest, `"field":"/contentType"`)
	photos.As("bob").Post("/photos/lamp/"+f.PhotoID+"/complete", nil).ExpectProblem(http.StatusNotFound, "you have uploaded no photo")
}

func TestPicturesOfEachKind(t *testing.T) {
	photos, _ := start(t)
	ada := photos.As("ada")
	// Ten thousand by ten thousand pixels, in 60 bytes of header.
	bomb := bytes.Clone(pngOf(image.NewGray(image.Rect(0, 0, 1, 1))))
	copy(bomb[16:], "\x00\x00\x27\x10\x00\x00\x27\x10")
	binary.BigEndian.PutUint32(bomb[29:], crc32.ChecksumIEEE(bomb[12:29]))
	scans := append(jpegOf(t, sample(10, 10), 1), bytes.Repeat([]byte{0xff, 0xda}, maxScans+1)...)
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"text":              {[]byte("not a picture"), "the file must be a JPEG, PNG or WebP picture"},
		"cut off":           {jpegOf(t, sample(600, 600), 1)[:2000], "the file is damaged"},
		"too many pixels":   {bomb, "at most 30 million pixels, got 10000 × 10000"},
		"too many scans":    {scans, "at most 200 scans"},
		"GIF, other format": {[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), "the file must be a JPEG, PNG or WebP picture"},
	} {
		t.Run(name, func(t *testing.T) {
			upload(t, ada.In(t), "image/jpeg", c.file).ExpectProblem(http.StatusBadRequest, c.want)
		})
	}

	transparent := sample(300, 200)
	transparent.SetNRGBA(299, 199, color.NRGBA{})
	var p api.Photo
	upload(t, ada, "image/png", pngOf(transparent)).Expect(http.StatusOK, &p)
	for _, s := range p.Sizes {
		if s.Width != 300 || s.Height != 200 {
			t.Errorf("a small picture is not made larger: got %+v", s)
		}
	}
}

// A camera on its side writes the pixels as they are, and how to turn them. The place where the photo was taken must not be shown.
func TestATurnedPhotoStaysTurnedAndLosesWhereItWasTaken(t *testing.T) {
	photos, _ := start(t)
	turned := jpegOf(t, sample(1600, 800), 6)
	secret := []byte("GPS 52.5200 N 13.4050 E")
	comment := append([]byte{0xff, 0xfe, 0, byte(len(secret) + 2)}, secret...)
	turned = append(append(bytes.Clone(turned[:2]), comment...), turned[2:]...)
	var p api.Photo
	upload(t, photos.As("ada"), "image/jpeg", turned).Expect(http.StatusOK, &p)
	photos.As("admin").Post("/photos/lamp/"+p.PhotoID+"/approve", nil).Expect(http.StatusOK, nil)
	if s := p.Sizes[1]; s.Width != 600 || s.Height != 1200 {
		t.Errorf("got %+v", s)
	}
	original := fetch(t, photos.Get(p.Sizes[0].Path).Expect(http.StatusFound, nil).Header.Get("Location"))
	for _, picture := range [][]byte{original, photos.Get(p.Sizes[1].Path).Body, photos.Get(p.Sizes[2].Path).Body} {
		path := filepath.Join(t.TempDir(), "picture.jpg")
		if err := os.WriteFile(path, picture, 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := orientation(file, "jpeg"); got != 6 {
			t.Errorf("the orientation is %d, want 6", got)
		}
		_ = file.Close()
		if bytes.Contains(picture, secret) {
			t.Error("a picture has what the camera wrote")
		}
		decoded, err := jpeg.Decode(bytes.NewReader(picture))
		if err != nil {
			t.Fatal(err)
		}
		if r, _, b, _ := decoded.At(10, 10).RGBA(); r < b {
			t.Error("the upper left is not red")
		}
	}
}

// However many complete and approve a photo at once, it is shown once, and there is one event.
func TestAPhotoIsApprovedOnce(t *testing.T) {
	photos, stack := start(t)
	var f form
	photos.As("ada").Post("/photos/lamp", map[string]string{"contentType": "image/png"}).Expect(http.StatusCreated, &f)
	f.post(t, pngOf(sample(20, 20)))
	path := "/photos/lamp/" + f.PhotoID
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() { photos.As("ada").Post(path+"/complete", nil).Expect(http.StatusOK, nil) })
	}
	all.Wait()
	for range 5 {
		all.Go(func() {
			if got := photos.As("admin").Post(path+"/approve", nil); got.Status != http.StatusOK {
				got.ExpectProblem(http.StatusConflict, "has just been approved")
			}
		})
	}
	all.Wait()
	if n := len(published(t, stack)); n != 1 || len(list(photos, "/photos/lamp")) != 1 || len(list(photos.As("admin"), "/photos/hidden")) != 0 {
		t.Errorf("there are %d events", n)
	}
}

func TestPhotosAreListedPageByPage(t *testing.T) {
	photos, _ := start(t)
	var want []string
	for range 5 {
		var p api.Photo
		upload(t, photos.As("admin"), "image/png", pngOf(sample(20, 20))).Expect(http.StatusOK, &p)
		want = append(want, p.PhotoID)
	}
	if diff := cmp.Diff(want, list(photos.As("admin"), "/photos/hidden?limit=2")); diff != "" {
		t.Errorf("hidden (-want +got):\n%s", diff)
	}
	for _, id := range want {
		photos.As("admin").Post("/photos/lamp/"+id+"/approve", nil).Expect(http.StatusOK, nil)
	}
	if diff := cmp.Diff(want, list(photos, "/photos/lamp?limit=2")); diff != "" {
		t.Errorf("approved (-want +got):\n%s", diff)
	}
	// {"productId":"lamp","photoId":"upload#x"}
	photos.Get("/photos/lamp?cursor=eyJwcm9kdWN0SWQiOiJsYW1wIiwicGhvdG9JZCI6InVwbG9hZCN4In0").ExpectProblem(http.StatusBadRequest, "cursor must be")
}

func expectPicture(t *testing.T, data []byte, width, height int) {
	t.Helper()
	config, err := jpeg.DecodeConfig(bytes.NewReader(data))
	if err != nil || config.Width != width || config.Height != height {
		t.Errorf("got a JPEG of %d × %d (%v), want %d × %d", config.Width, config.Height, err, width, height)
	}
}

func fetch(t *testing.T, url string) []byte {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	data, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("got %d from %s, %v", response.StatusCode, url, err)
	}
	return data
}

// list returns the IDs of all pages.
func list(photos *awstest.Client, first string) []string {
	var ids []string
	for path := first; path != ""; {
		var page api.Photos
		photos.Get(path).Expect(http.StatusOK, &page)
		for _, p := range page.Items {
			ids = append(ids, p.PhotoID)
		}
		path = ""
		if page.NextCursor != nil {
			separator := "?"
			if strings.Contains(first, "?") {
				separator = "&"
			}
			path = fmt.Sprint(first, separator, "cursor=", *page.NextCursor)
		}
	}
	return ids
}
