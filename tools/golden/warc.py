"""Writes pages.warc.gz and pages.warc.wet.gz into a folder: a small web archive as warcio writes it, and the texts that Common Crawl would make of it.

Needs warcio 1.8.1: `python tools/golden/warc.py datasets/src/test/resources/io/github/rlhf4j/datasets/io`.
Digests and dates are fixed, so the files are the same each time.
"""
import gzip, io, sys, zlib

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

folder = sys.argv[1]
date = '2026-01-02T03:04:05Z'


def record(writer, type, number, url, payload, content_type, http=None):
    headers = {'WARC-Date': date, 'WARC-Record-ID': f'<urn:uuid:00000000-0000-4000-8000-{number:012d}>'}
    if content_type:
        headers['Content-Type'] = content_type
    writer.write_record(writer.create_warc_record(url, type, payload=io.BytesIO(payload), warc_headers_dict=headers, http_headers=http))


def answer(status, *headers):
    return StatusAndHeaders(status, list(headers), protocol='HTTP/1.1')


html = ('<html><head><title>The  river</title><style>p {}</style></head><body><h1>A river</h1><p>It flows &amp; <b>flows</b>.</p>'
        '<script>var x = 1;</script><ul><li>one<li>two</ul><table><tr><td>a<td>b</table>last<br>line</body></html>').encode()
chunked = b'5\r\n<p>Ch\r\n6\r\nunked.\r\n0\r\n\r\n'
with open(f'{folder}/pages.warc.gz', 'wb') as out:
    w = WARCWriter(out, gzip=True)
    info = w.create_warcinfo_record('pages.warc.gz', {'software': 'warcio'})
    info.rec_headers.replace_header('WARC-Date', date)
    info.rec_headers.replace_header('WARC-Record-ID', '<urn:uuid:00000000-0000-4000-8000-000000000001>')
    w.write_record(info)
    record(w, 'request', 2, 'https://a.example/', b'', None, StatusAndHeaders('GET / HTTP/1.1', [('Host', 'a.example')]))
    record(w, 'response', 3, 'https://a.example/', html, None, answer('200 OK', ('Content-Type', 'text/html; charset=utf-8')))
    record(w, 'response', 4, 'https://a.example/gone', html, None, answer('404 Not Found', ('Content-Type', 'text/html')))
    record(w, 'response', 5, 'https://a.example/latin', 'Caf\u00e9 ol\u00e9'.encode('latin-1'), None, answer('200 OK', ('Content-Type', 'text/plain; charset=ISO-8859-1')))
    record(w, 'response', 6, 'https://a.example/zipped', gzip.compress('<p>Zipped \u00fcber all.</p>'.encode(), mtime=0), None,
           answer('200 OK', ('Content-Type', 'text/html'), ('Content-Encoding', 'gzip')))
    record(w, 'response', 7, 'https://a.example/chunked', chunked, None, answer('200 OK', ('Content-Type', 'text/html'), ('Transfer-Encoding', 'chunked')))
    record(w, 'response', 8, 'https://a.example/meta', '<meta charset="windows-1251"><p>\u041f\u0440\u0438\u0432\u0435\u0442'.encode('cp1251'), None, answer('200 OK', ('Content-Type', 'text/html')))
    record(w, 'response', 9, 'https://a.example/picture', b'\x89PNG', None, answer('200 OK', ('Content-Type', 'image/png')))
    record(w, 'response', 10, 'https://a.example/bomb', zlib.compress(b'<p>' + b'a' * (4 << 20)), None,
           answer('200 OK', ('Content-Type', 'text/html'), ('Content-Encoding', 'deflate')))
    record(w, 'resource', 11, 'https://a.example/resource', b'A resource of its own.', 'text/plain')
with open(f'{folder}/pages.warc.wet.gz', 'wb') as out:
    w = WARCWriter(out, gzip=True)
    record(w, 'conversion', 1, 'https://a.example/', 'The river\nA river\nIt flows & flows.'.encode(), 'text/plain')
    record(w, 'conversion', 2, 'https://b.example/', '\u65e5\u672c\u8a9e \U0001f600 and more.'.encode(), 'text/plain')
    record(w, 'conversion', 3, 'https://c.example/', b'', 'text/plain')
    record(w, 'conversion', 4, 'https://d.example/', b'Last.', 'text/plain')
