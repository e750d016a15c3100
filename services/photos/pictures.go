package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	_ "image/png" // registers the format
	"io"
	"os"
	"path/filepath"

	"github.com/bep/imagemeta"
	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // registers the format

	"github.com/storefront-cdk/storefront/services/internal/serve"
	"github.com/storefront-cdk/storefront/services/photos/api"
)

// The limits of an upload, against files of some kilobytes that need gigabytes or minutes to decode.
const (
	// maxPixels bounds memory, since a progressive JPEG without subsampling needs 15 bytes a pixel, and time: so many take a CPU four
	// seconds, of the nine that a request has.
	maxPixels = 30_000_000
	// maxScans bounds time: each scan of a progressive JPEG goes over the whole picture, and may have no data. Encoders make about
	// ten.
	maxScans = 200
)

// smaller are the smaller sizes by the pixels of their longer side, the largest first: each is made of the one before.
var smaller = []struct {
	name api.SizeName
	side int
}{{api.Medium, 1200}, {api.Small, 400}}

// picture is a size of a photo, as a file.
type picture struct {
	size
	file string
}

// makePictures makes all sizes of an uploaded file, as JPEGs in a folder. They have nothing of what the file has besides the picture,
// such as the place where it was taken, but which side is up.
func makePictures(ctx context.Context, upload, folder string) ([]picture, error) {
	file, err := os.Open(upload)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	format, err := check(file)
	if err != nil {
		return nil, err
	}
	turned := orientation(file, format)
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	decoded, _, err := image.Decode(bufio.NewReader(file))
	if err != nil {
		return nil, serve.Invalid("the file is damaged, or of a kind that cannot be read: %v", err)
	}
	decoded = opaque(decoded)

	var pictures []picture
	add := func(name api.SizeName, img image.Image, quality int) error {
		made := picture{size{name, img.Bounds().Dx(), img.Bounds().Dy()}, filepath.Join(folder, string(name)+".jpg")}
		if turned >= 5 { // lies on its side
			made.Width, made.Height = made.Height, made.Width
		}
		pictures = append(pictures, made)
		return errors.Join(encode(made.file, img, quality, turned), ctx.Err())
	}
	if err := add(api.Original, decoded, 90); err != nil {
		return nil, err
	}
	for _, s := range smaller {
		decoded = scale(decoded, s.side)
		if err := add(s.name, decoded, 82); err != nil {
			return nil, err
		}
	}
	return pictures, nil
}

// check refuses what cannot or must not be decoded, and returns the format.
func check(file *os.File) (string, error) {
	config, format, err := image.DecodeConfig(bufio.NewReader(file))
	if err != nil {
		return "", serve.Invalid("the file must be a JPEG, PNG or WebP picture: %v", err)
	}
	if config.Width < 1 || config.Height < 1 || config.Width > maxPixels/config.Height {
		return "", serve.Invalid("the picture must have at most %d million pixels, got %d × %d: make it smaller", maxPixels/1_000_000, config.Width, config.Height)
	}
	if format != "jpeg" {
		return format, nil
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	scans, err := countScans(bufio.NewReader(file))
	if err == nil && scans > maxScans {
		err = serve.Invalid("the JPEG must have at most %d scans, got more: save it again, not progressive", maxScans)
	}
	return format, err
}

// countScans counts the markers that begin a scan of a JPEG. Compressed data never has them; what a thumbnail has does not matter.
func countScans(r *bufio.Reader) (int, error) {
	scans := 0
	for last := byte(0); ; {
		b, err := r.ReadByte()
		if errors.Is(err, io.EOF) {
			return scans, nil
		}
		if err != nil {
			return 0, err
		}
		if last == 0xff && b == 0xda {
			scans++
		}
		last = b
	}
}

// orientation returns how the picture has to be turned, as Exif counts it, from 1, not at all, to 8.
func orientation(file *os.File, format string) uint16 {
	upright := uint16(1)
	known := map[string]imagemeta.ImageFormat{"jpeg": imagemeta.JPEG, "png": imagemeta.PNG, "webp": imagemeta.WebP}[format]
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return upright
	}
	_, err := imagemeta.Decode(imagemeta.Options{
		R: file, ImageFormat: known, Sources: imagemeta.EXIF,
		ShouldHandleTag: func(tag imagemeta.TagInfo) bool { return tag.Tag == "Orientation" && tag.Namespace == "IFD0" },
		HandleTag: func(tag imagemeta.TagInfo) error {
			if turned, ok := tag.Value.(uint16); ok && turned >= 1 && turned <= 8 {
				upright = turned
			}
			return imagemeta.ErrStopWalking
		},
	})
	if err != nil {
		return 1 // a picture with damaged metadata is still a picture
	}
	return upright
}

// opaque puts a picture that is transparent on white: a JPEG is not.
func opaque(img image.Image) image.Image {
	if o, ok := img.(interface{ Opaque() bool }); ok && o.Opaque() {
		return img
	}
	on := image.NewRGBA(img.Bounds())
	draw.Draw(on, on.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(on, on.Bounds(), img, img.Bounds().Min, draw.Over)
	return on
}

// scale makes a picture smaller, so that its longer side has at most so many pixels.
func scale(img image.Image, side int) image.Image {
	width, height := img.Bounds().Dx(), img.Bounds().Dy()
	longer := max(width, height)
	if longer <= side {
		return img
	}
	scaled := image.NewRGBA(image.Rect(0, 0, max(1, width*side/longer), max(1, height*side/longer)))
	draw.CatmullRom.Scale(scaled, scaled.Bounds(), img, img.Bounds(), draw.Src, nil)
	return scaled
}

// encode writes a JPEG that says how it has to be turned. Browsers do so, and turning the pixels would take longer than all the rest.
func encode(path string, img image.Image, quality int, turned uint16) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(file)
	err = jpeg.Encode(&afterStart{w: w, insert: exif(turned)}, img, &jpeg.Options{Quality: quality})
	return errors.Join(err, w.Flush(), file.Close())
}

// exif is a JPEG segment with one Exif tag, the orientation.
func exif(turned uint16) []byte {
	if turned == 1 {
		return nil
	}
	return fmt.Appendf(nil, "\xff\xe1\x00\x22Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00%c\x00\x00\x00\x00\x00\x00", byte(turned))
}

// afterStart writes a JPEG with a segment after the two bytes with which it begins.
type afterStart struct {
	w       io.Writer
	insert  []byte
	written int
}

func (a *afterStart) Write(data []byte) (int, error) {
	const start = 2
	if a.insert == nil || a.written >= start {
		return a.w.Write(data)
	}
	n := min(start-a.written, len(data))
	if _, err := a.w.Write(data[:n]); err != nil {
		return 0, err
	}
	if a.written += n; a.written == start {
		if _, err := a.w.Write(a.insert); err != nil {
			return 0, err
		}
	}
	rest, err := a.w.Write(data[n:])
	return n + rest, err
}
