/** An ordinary guestbook in Express, EJS and Mongoose. Settings: PORT and MONGODB_URI. */
import { randomUUID } from 'node:crypto'
import express from 'express'
import mongoose from 'mongoose'

const text = maxlength => ({ type: String, required: true, trim: true, minlength: 1, maxlength })
const schema = new mongoose.Schema({
  _id: { type: String, default: randomUUID },
  name: text(80),
  message: text(1000),
  createdAt: { type: Date, default: Date.now, index: -1 },
  hidden: { type: Boolean, default: false }
}, { versionKey: false, writeConcern: { w: 'majority', j: true } })
const Message = mongoose.model('Message', schema, 'messages')
await mongoose.connect(process.env.MONGODB_URI)

const toWire = ({ _id, name, message, createdAt }) => ({ id: _id, name, message, createdAt })
const newest = async () =>
  (await Message.find({ hidden: false }).sort({ createdAt: -1 }).limit(20).lean()).map(toWire)
const dayAndTime = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'medium',
  timeStyle: 'short',
  timeZone: 'UTC'
})

const app = express()
app.set('view engine', 'ejs')
app.set('views', new URL('views', import.meta.url).pathname)
app.set('env', 'production')
app.enable('view cache')
app.use(express.json(), express.urlencoded())

app.get('/', async (_request, response) => {
  response.render('guestbook', {
    messages: await newest(),
    when: date => `${dayAndTime.format(date)} UTC`
  })
})
app.post('/', async (request, response) => {
  const { name, message } = request.body
  const { id } = await Message.create({ name, message })
  response.redirect(303, `/#m-${id}`)
})
app.get('/api/v1/messages', async (_request, response) => {
  response.json({ messages: await newest(), nextCursor: null })
})
app.post('/api/v1/messages', async (request, response) => {
  const { name, message } = request.body
  response.status(201).json(toWire(await Message.create({ name, message })))
})
app.use((error, _request, response, _next) => {
  const isInvalid = error.name === 'ValidationError'
  response.status(isInvalid ? 400 : 500).send(isInvalid ? error.message : 'Something went wrong.')
})
app.listen(Number(process.env.PORT), '127.0.0.1')
