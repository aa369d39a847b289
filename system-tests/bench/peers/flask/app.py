"""An ordinary guestbook in Flask, Jinja and PyMongo: `gunicorn app:app` with MONGODB_URI."""
import os
from datetime import datetime, timezone
from uuid import uuid4

from flask import Flask, redirect, render_template, request
from pymongo import DESCENDING, MongoClient, WriteConcern

INVALID = "The name or the message is missing or too long."

app = Flask(__name__)
database = MongoClient(os.environ["MONGODB_URI"], tz_aware=True).get_default_database()
messages = database.get_collection("messages", write_concern=WriteConcern(w="majority", j=True))
messages.create_index([("createdAt", DESCENDING)])


def newest():
    return [
        {"id": found["_id"]} | {key: found[key] for key in ("name", "message", "createdAt")}
        for found in messages.find({"hidden": False}).sort("createdAt", DESCENDING).limit(20)
    ]


def iso(when):
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def create(fields):
    name, text = str(fields.get("name", "")).strip(), str(fields.get("message", "")).strip()
    if not 1 <= len(name) <= 80 or not 1 <= len(text) <= 1000:
        return None
    created_at = datetime.now(timezone.utc)
    shown = {"name": name, "message": text}
    document = {"_id": str(uuid4()), **shown, "createdAt": created_at, "hidden": False}
    messages.insert_one(document)
    return {"id": document["_id"], **shown, "createdAt": iso(created_at)}


app.add_template_filter(iso)
app.add_template_filter(lambda when: f"{when:%-d %b %Y, %H:%M} UTC", "day_and_time")


@app.get("/")
def page():
    return render_template("guestbook.html", messages=newest())


@app.post("/")
def sign():
    created = create(request.form)
    return redirect(f"/#m-{created['id']}", 303) if created else (INVALID, 400)


@app.get("/api/v1/messages")
def list_messages():
    messages = [found | {"createdAt": iso(found["createdAt"])} for found in newest()]
    return {"messages": messages, "nextCursor": None}


@app.post("/api/v1/messages")
def create_message():
    created = create(request.get_json())
    return (created, 201) if created else ({"detail": INVALID}, 400)
